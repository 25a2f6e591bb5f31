using System.Text;
using Stasis.Linux.Files;
using Stasis.Linux.Native;

namespace Stasis.Linux.Mounts;

/// <summary>overlayfs (Documentation/filesystems/overlayfs.rst).</summary>
public static class Overlay
{
    /// <summary>The extended attribute of an opaque folder, which hides the folders of that name in lower layers.</summary>
    public const string OpaqueXattr = "trusted.overlay.opaque";

    private const string Volatile = "volatile";

    // A distribution may enable these by default. They would leave renamed folders without their content and files without their
    // data in the upper folder, so that a tar of it is incomplete; and they would obey trusted.overlay.* attributes of lower
    // folders from untrusted archives.
    private static readonly (string Key, string? Value)[] FixedOptions =
    [
        ("redirect_dir", "nofollow"),
        ("metacopy", "off"),
        ("index", "off"),
    ];

    /// <summary>
    /// Mounts an overlay. More lower folders than fit into mount(2)'s page of options are passed one by one (lowerdir+, Linux 6.7).
    /// </summary>
    /// <param name="target">The mount point.</param>
    /// <param name="lowers">The lower folders, topmost first.</param>
    /// <param name="upper">The folder that changes are written to.</param>
    /// <param name="work">An empty folder beside <paramref name="upper"/>.</param>
    /// <param name="isVolatile">
    /// Whether the overlay never syncs ("volatile", Linux 5.10), if the kernel can. Unmounting any other overlay syncs the whole
    /// file system of <paramref name="upper"/>.
    /// </param>
    public static void Make(string target, IReadOnlyList<string> lowers, string upper, string work, bool isVolatile = false)
    {
        try
        {
            Make(target, lowers, upper, work, isVolatile ? [.. FixedOptions, (Volatile, null)] : FixedOptions);
        }
        catch (LinuxException e) when (isVolatile && e.Errno is (Errno.EIO or Errno.EINVAL))
        {
            // The kernel doesn't know the option, or refuses it after an unreported write error of any file on that file system.
            Make(target, lowers, upper, work, FixedOptions);
        }
    }

    /// <summary>Whether a file is a whiteout: a character device 0/0.</summary>
    public static bool IsWhiteout(FileStatus status) => status is { IsCharacterDevice: true, DeviceMajor: 0, DeviceMinor: 0 };

    /// <summary>Whether a folder is opaque (trusted.overlay.opaque=y).</summary>
    public static bool IsOpaque(string directory) => Xattrs.Get(directory, OpaqueXattr) is [(byte)'y'];

    /// <summary>Like <see cref="IsOpaque(string)"/>, for a name in an open folder.</summary>
    public static bool IsOpaque(DirectoryHandle folder, PathName name) => Xattrs.Get(folder.Handle, name.Bytes, OpaqueXattr) is [(byte)'y'];

    private static void Make(
        string target,
        IReadOnlyList<string> lowers,
        string upper,
        string work,
        IReadOnlyList<(string Key, string? Value)> options)
    {
        var lowerdir = string.Join(':', lowers.Select(lower => Escape(lower).Replace(":", "\\:", StringComparison.Ordinal)));
        var data = $"lowerdir={lowerdir},upperdir={Escape(upper)},workdir={Escape(work)}"
            + string.Concat(options.Select(option => option.Value is null ? $",{option.Key}" : $",{option.Key}={option.Value}"));
        if (Encoding.UTF8.GetByteCount(data) < Environment.SystemPageSize)
            Mount.Make("overlay", target, "overlay", MountFlags.None, data);
        else
            MakeStepwise(target, lowers, upper, work, options);
    }

    private static string Escape(string path) =>
        path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);

    private static void MakeStepwise(
        string target,
        IReadOnlyList<string> lowers,
        string upper,
        string work,
        IReadOnlyList<(string Key, string? Value)> options)
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
