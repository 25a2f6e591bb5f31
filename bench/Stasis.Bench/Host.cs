using System.Globalization;

namespace Stasis.Bench;

/// <summary>What a figure depends on besides the two tools.</summary>
internal static class Host
{
    public static async Task<IReadOnlyDictionary<string, string>> DescribeAsync(Options options, Tool stasis, Tool podman) =>
        new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["cores"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
            ["kernel"] = (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease")).Trim(),
            ["load at start"] = (await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0],
            ["podman"] = (await podman.RunAsync("--version")).Output.Trim(),
            ["runtime of podman"] = FirstLine(await Command.RunAsync([options.PeerRun, "runc", "--version"])),
            ["runtime of stasis"] = FirstLine(await Command.RunAsync(["runc", "--version"])),
            ["stasis"] = FirstLine(await stasis.RunAsync("version")),
        };

    private static string FirstLine(Command command) => command.Output.Trim().Split('\n')[0];
}
