using System.Globalization;

namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>Memory that the disk has no room for. An estimate: pages that processes share count for each.</summary>
internal static class DumpDiskSpaceCheck
{
    private const string Kind = "memory-size";

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        var needed = context.Processes.Dumped.Sum(process => process.MemoryBytes);
        var free = new DriveInfo(context.DumpFolder).AvailableFreeSpace;
        if (needed <= free)
            return [];
        var (neededMegabytes, freeMegabytes) = (needed / 1_000_000, free / 1_000_000);
        return
        [
            new PreflightFinding
            {
                Severity = PreflightSeverity.Note,
                Kind = Kind,
                Path = context.DumpFolder,
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"its processes have about {neededMegabytes} MB of memory, and {context.DumpFolder} has room for {freeMegabytes} MB"),
                Remedy = "make room there: memory is written there first, wherever the checkpoint goes",
            },
        ];
    }
}
