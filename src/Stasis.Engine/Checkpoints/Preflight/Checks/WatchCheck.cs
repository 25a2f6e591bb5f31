using System.Globalization;

namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// inotify watches on an overlay. Without its option nfs_export, CRIU finds the watched file only by searching some folders (CRIU 4.2,
/// criu/irmap.c), and else fails with "Can't dump that handle".
/// </summary>
internal static class WatchCheck
{
    private const string Kind = "inotify-watch";

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        var overlays = context.Mounts.Where(mount => mount.Type == "overlay" && !mount.SuperOptions.Contains("nfs_export=on"))
            .Select(mount => mount.Device).ToHashSet();
        return
            from open in context.Descriptors
            where open.Descriptor.AnonymousKind == "inotify"
            let count = Watches(open.Descriptor.Info).Count(overlays.Contains)
            where count > 0
            select new PreflightFinding
            {
                Severity = PreflightSeverity.Note,
                Kind = Kind,
                Pid = open.Process.Pid,
                Process = open.Process.Name,
                Descriptor = open.Descriptor.Number,
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{count} inotify watch{(count == 1 ? "" : "es")} on the root file system, where CRIU may not find what is watched"),
                Remedy = "if the checkpoint fails for it, put what is watched into a volume",
            };
    }

    // "inotify wd:1 ino:9e sdev:2d mask:8000fce ignored_mask:0 fhandle-bytes:…": hexadecimal, sdev in the kernel's own form.
    private static IEnumerable<string> Watches(string info) =>
        from line in info.Split('\n')
        where line.StartsWith("inotify ", StringComparison.Ordinal)
        from field in line.Split(' ')
        where field.StartsWith("sdev:", StringComparison.Ordinal)
        let device = uint.Parse(field.AsSpan("sdev:".Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        select string.Create(CultureInfo.InvariantCulture, $"{device >> 20}:{device & 0xfffff}");
}
