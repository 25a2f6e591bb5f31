using System.Text;
using Stasis.Linux.Files;
using Stasis.Linux.Native;

namespace Stasis.Linux.Mounts;

/// <summary>overlayfs (Documentation/filesystems/overlayfs.rst).</summary>
public static class Overlay
{
    /// <summary>Marks a folder that hides what lies below it.</summary>
    public const string OpaqueXattr = "trusted.overlay.opaque";

    private const string Volatile = "volatile";

    // A distribution may turn these on by default. Each would leave things in the upper folder (renamed folders without their content, files without
    // their data) that a tar of it doesn't hold, and would obey trusted.overlay.* names in a lower folder that came from elsewhere.
    private static readonly (string Key, string? Value)[] Fixed = [("redirect_dir", "nofollow"), ("metacopy", "off"), ("index", "off")];

    /// <summary>
    /// Mounts an overlay; <paramref name="lowers"/> topmost first. More lowers than fit into mount(2)'s page of options
    /// are given one by one (lowerdir+, Linux 6.7).
    /// </summary>
    /// <param name="target">Where.</param>
    /// <param name="lowers">Topmost first.</param>
    /// <param name="upper">What is changed goes there.</param>
    /// <param name="work">An empty folder beside <paramref name="upper"/>.</param>
    /// <param name="isVolatile">
    /// Nothing is synced through it ("volatile", Linux 5.10), where that can be. Any other overlay, when it is unmounted, has all that the file system of <paramref name="upper"/> holds written to the disk,
    /// whoever it belongs to.
    /// </param>
    public static void Make(string target, IReadOnlyList<string> lowers, string upper, string work, bool isVolatile = false)
    {
        try
        {
            Make(target, lowers, upper, work, isVolatile ? [.. Fixed, (Volatile, null)] : Fixed);
        }
        catch (LinuxException e) when (isVolatile && e.Errno is (Errno.EIO or Errno.EINVAL))
        {
            // A file that couldn't be written there, whoever's, of which nobody was told yet, makes the kernel refuse; or it doesn't know the word.
            Make(target, lowers, upper, work, Fixed);
        }
    }

    /// <summary>Whether the entry is a whiteout: a character device 0/0.</summary>
    public static bool IsWhiteout(FileStatus status) => status is { IsCharacterDevice: true, DeviceMajor: 0, DeviceMinor: 0 };

    /// <summary>Whether the folder hides what lies below it (trusted.overlay.opaque = y).</summary>
    public static bool IsOpaque(string directory) => Xattrs.Get(directory, OpaqueXattr) is [(byte)'y'];

    /// <summary>As <see cref="IsOpaque(string)"/>, of a name in an open folder.</summary>
    public static bool IsOpaque(DirectoryHandle folder, PathName name) => Xattrs.Get(folder.Handle, name.Bytes, OpaqueXattr) is [(byte)'y'];

    private static void Make(string target, IReadOnlyList<string> lowers, string upper, string work, IReadOnlyList<(string Key, string? Value)> options)
    {
        var data = $"lowerdir={string.Join(':', lowers.Select(l => Escape(l).Replace(":", "\\:", StringComparison.Ordinal)))},upperdir={Escape(upper)},workdir={Escape(work)}"
            + string.Concat(options.Select(o => o.Value is null ? $",{o.Key}" : $",{o.Key}={o.Value}"));
        if (Encoding.UTF8.GetByteCount(data) < Environment.SystemPageSize)
            Mount.Make("overlay", target, "overlay", MountFlags.None, data);
        else
            MakeStepwise(target, lowers, upper, work, options);
    }

    private static string Escape(string path) => path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);

    private static void MakeStepwise(string target, IReadOnlyList<string> lowers, string upper, string work, IReadOnlyList<(string Key, string? Value)> options)
    {
        using var context = Libc.fsopen("overlay", Libc.FSOPEN_CLOEXEC);
        if (context.IsInvalid)
            throw LinuxException.Last("fsopen", "overlay");
        Set("source", "overlay");
        foreach (var lower in lowers)
            Set("lowerdir+", lower);
        Set("upperdir", upper);
        Set("workdir", work);
        foreach (var (key, value) in options)
            Set(key, value);
        if (Libc.fsconfig(context, Libc.FSCONFIG_CMD_CREATE, null, null, 0) != 0)
            throw LinuxException.Last("mount overlay", target);
        using var mount = Libc.fsmount(context, Libc.FSMOUNT_CLOEXEC, 0);
        if (mount.IsInvalid)
            throw LinuxException.Last("fsmount", target);
        using var held = new Borrowed(mount);
        if (Libc.move_mount(mount, "", Libc.AT_FDCWD, target, Libc.MOVE_MOUNT_F_EMPTY_PATH) != 0)
            throw LinuxException.Last("move_mount", target);

        void Set(string key, string? value)
        {
            if (Libc.fsconfig(context, value is null ? Libc.FSCONFIG_SET_FLAG : Libc.FSCONFIG_SET_STRING, key, value, 0) != 0)
                throw LinuxException.Last($"mount overlay with {lowers.Count} lower folders: {key}", value ?? target);
        }
    }
}
