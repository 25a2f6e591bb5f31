using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Compatibility;

/// <summary>The program's count is in what it answers to an HTTP request from outside of its container.</summary>
/// <param name="authority">Its address and port.</param>
/// <param name="path">What is asked for.</param>
/// <param name="label">What stands at the beginning of the line with the count, or nothing if there is one line.</param>
public sealed class HttpProbe(string authority, string path = "/", string label = "") : Probe
{
    protected override async Task<string?> ReadAsync(RunningProgram program)
    {
        // Not curl: no more is needed to run the tests than to run Stasis.
        var command = program.Client.OnHost("busybox", "wget", "-q", "-O", "-", $"http://{authority}{path}");
        var result = await Spawn.RunAsync(command, StasisHost.TimeLimit, TestContext.Current.CancellationToken);
        return result.Output.Split('\n').FirstOrDefault(line => line.StartsWith(label, StringComparison.Ordinal));
    }
}
