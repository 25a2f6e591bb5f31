using System.Globalization;
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

    public static void Check(ImageVerification verification, string where, ImageRecord file, bool fanotify)
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
            var path = (handle ?? mount)?.Text("path") ?? "";
            if (path.Length > 0 && !ImagePaths.IsPlain(path))
                verification.Refuse(Rule, where, path, "a path that climbs, or isn't absolute");
            if (mount is { } marked && !verification.Mounts.ContainsKey(marked.U32("mnt_id")))
                verification.Refuse(Rule, where, Text(marked.U32("mnt_id")), "a watched mount that is not there");
            if (handle is { } opened && opened.Has("mnt_id") && !verification.Mounts.ContainsKey(opened.U32("mnt_id")))
                verification.Refuse(Rule, where, Text(opened.U32("mnt_id")), "a watched file lies in a mount that is not there");
            if (handle is not null && path.Length == 0
                && !verification.Mounts.Values.Any(known => known.Device == device && !known.IsExternal))
                verification.Refuse(Rule, where, Text(device), "a watched file of one of the host's file systems, by its number there");
        }
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class FileImageRules
{
    internal static readonly ImageCheck Watch = Add(new(91, null, WatchImageRule.Rule));
}
