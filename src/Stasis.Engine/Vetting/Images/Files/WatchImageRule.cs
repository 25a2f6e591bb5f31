using System.Globalization;
using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Watches on files are on files of the container. Without a path, CRIU opens a watched file by its number in a file system, and in one of the host's a number may be that of any file of it.
/// </summary>
internal static class WatchImageRule
{
    private const string Rule = "image-watch";

    public static void Check(ImageVerification verification, string where, ImageRecord file, bool fanotify)
    {
        if (fanotify && !verification.Allowed.May("CAP_SYS_ADMIN"))
            verification.Refuse(Rule, where, "fanotify", "only a process with CAP_SYS_ADMIN has it, and the spec gives it to none");
        var watches = fanotify
            ? file.Children("mark").Select(mark => (mark.U32("s_dev"), Handle: mark.Child("ie")?.Child("f_handle"), Mount: mark.Child("me")))
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
            if (handle is not null && path.Length == 0 && !verification.Mounts.Values.Any(known => known.Device == device && !known.IsExternal))
                verification.Refuse(Rule, where, Text(device), "a watched file of one of the host's file systems, by its number there");
        }
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}
