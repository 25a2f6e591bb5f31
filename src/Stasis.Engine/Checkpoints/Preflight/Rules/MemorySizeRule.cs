using System.Globalization;

namespace Stasis.Engine.Checkpoints.Preflight.Rules;

/// <summary>Memory that the disk has no room for. An estimate: pages that processes share count for each, and much compresses well.</summary>
internal static class MemorySizeRule
{
    private const string Kind = "memory-size";

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        var needed = context.Processes.Dumped.Sum(process => process.MemoryBytes);
        var free = new DriveInfo(context.DumpFolder).AvailableFreeSpace;
        if (needed <= free)
            return [];
        return
        [
            new PreflightFinding
            {
                Severity = PreflightSeverity.Note,
                Kind = Kind,
                Path = context.DumpFolder,
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"its processes have about {needed / 1_000_000} MB of memory, and {context.DumpFolder} has room for {free / 1_000_000} MB"),
                Remedy = "make room there: memory is written there first, wherever the checkpoint goes",
            },
        ];
    }
}
