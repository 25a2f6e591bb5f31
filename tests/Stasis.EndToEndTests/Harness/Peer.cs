using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Harness;

/// <summary>
/// Real Podman, in a root file system and namespaces of its own (eng/peer.sh), with a folder that both sides see under one path.
/// </summary>
public static class Peer
{
    /// <summary>The program that runs a command in the peer.</summary>
    public static string Run { get; } = Environment.GetEnvironmentVariable("STASIS_PEER") is { Length: > 0 } path && File.Exists(path)
        ? path
        : throw new InvalidOperationException("STASIS_PEER must name the peer's run command: start the tests with eng/test.sh");

    /// <summary>PID of its first process.</summary>
    public static string Holder => File.ReadAllText(Path.Combine(Path.GetDirectoryName(Run)!, "holder")).Split(' ')[0];

    /// <summary>Its network namespace.</summary>
    public static string NetNs => $"/proc/{Holder}/ns/net";

    /// <summary>A new folder within the one that is exchanged.</summary>
    public static string MakeFolder() =>
        Directory.CreateDirectory(Path.Combine(Environment.GetEnvironmentVariable("STASIS_REPO")!, "artifacts/peer/exchange",
            $"e2e-{Guid.NewGuid():N}")).FullName;

    /// <summary>Runs podman, which must succeed, and gives what it printed, trimmed.</summary>
    public static async Task<string> PodmanAsync(params string[] arguments)
    {
        var result = await Spawn.RunAsync(new SpawnOptions { Program = Run, Arguments = ["podman", .. arguments] }, StasisHost.TimeLimit,
            TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0,
            $"podman {string.Join(' ', arguments)}: exit code {result.ExitCode}\n{result.Error}{result.Output}");
        return result.Output.Trim();
    }
}
