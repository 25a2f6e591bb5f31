using System.Globalization;
using System.Text;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Requires that watched files are the container's. Without a path, CRIU opens a watched file by its inode
/// number, which on a file system of the host may be that of any file.
/// </summary>
internal static class WatchImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-watch",
        Finds = "watches by inode number on the host's file systems; fanotify without CAP_SYS_ADMIN",
    };

    public static void Check(ImageVerification verification, int index, string where, ImageRecord file, bool fanotify)
    {
        if (fanotify && !verification.Allowed.May("CAP_SYS_ADMIN"))
            verification.Refuse(Rule, where, "fanotify", "only a process with CAP_SYS_ADMIN has it, and the spec gives it to none");
        var watches = fanotify
            ? file
                .Children("mark")
                .Select(mark => (mark.U32("s_dev"), Handle: mark.Child("ie")?.Child("f_handle"), Mount: mark.Child("me")))
            : file.Children("wd").Select(watch => (watch.U32("s_dev"), Handle: watch.Child("f_handle"), Mount: (ImageRecord?)null));
        foreach (var (device, handle, mount) in watches)
        {
            if (mount is { } marked)
                CheckMount(verification, where, marked);
            if (handle is not { } opened)
                continue;
            if (opened.Has("mnt_id") && !verification.Mounts.ContainsKey(opened.U32("mnt_id")))
                verification.Refuse(Rule, where, Text(opened.U32("mnt_id")), "a watched file lies in a mount that is not there");
            if (opened.Has("path"))
                CheckPath(verification, index, where, opened, fanotify ? "ffy.mark.path" : "ify.wd.path");
            else if (!verification.Paths.ContainerDevices.Contains(device))
                verification.Refuse(Rule, where, Text(device), "a watched file of one of the host's file systems, by its number there");
        }
    }

    // CRIU watches the place of the mount, whatever path is given.
    private static void CheckMount(ImageVerification verification, string where, ImageRecord mount)
    {
        if (!verification.Mounts.ContainsKey(mount.U32("mnt_id")))
            verification.Refuse(Rule, where, Text(mount.U32("mnt_id")), "a watched mount that is not there");
        if (mount.Text("path") is { Length: > 0 } path && !ImagePathSyntax.IsPlain(path))
            verification.Refuse(Rule, where, path, "a path that climbs, or isn't absolute");
    }

    private static void CheckPath(ImageVerification verification, int index, string where, ImageRecord handle, string field)
    {
        var text = handle.Text("path");
        // Where CRIU looks for a watched file from the root directory on, it begins the path with "/./", and calls the root directory
        // itself "/." (criu/irmap.c).
        var isRelative = text.StartsWith("/./", StringComparison.Ordinal);
        var bytes = handle.Bytes("path").Span;
        var path = new ImagePathField
        {
            Image = verification.Images.Where(ImageKind.Get("files").TheFile),
            Index = index,
            Field = field,
            Bytes = (isRelative ? bytes[2..] : text == "/." ? bytes[..1] : bytes).ToArray(),
            Use = PathUse.Watch,
            FollowsLinks = true,
            Mounts = PathImageRule.FindMounts(verification, handle.Has("mnt_id") ? handle.U32("mnt_id") : -1) ?? verification.Paths.First,
        };
        PathImageRule.Add(verification, path);
        var plain = Encoding.UTF8.GetString(path.Bytes);
        if (ImagePathSyntax.IsPlain(plain) && path.Mounts.Covering(plain) is { } mount && KernelFileImageRule.IsKernels(mount.FileSystem))
            KernelFileImageRule.Check(verification, where, plain, mount, new OpenKernelFile(0, IsDirectory: true, IsWritten: false));
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class FileImageCheckList
{
    internal static readonly ImageCheck Watch = Add(new(91, null, WatchImageRule.Rule));
}
