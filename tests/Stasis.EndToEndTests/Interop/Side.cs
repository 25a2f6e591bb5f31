using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Interop;

/// <summary>An engine that freezes containers or brings them back: Podman or Stasis. Their commands are the same.</summary>
public sealed class Side(bool isPodman, Func<string[], SpawnOptions> command)
{
    public bool IsPodman { get; } = isPodman;

    public Task<ProgramResult> RunAsync(params string[] arguments) =>
        Spawn.RunAsync(command(arguments), StasisHost.TimeLimit, TestContext.Current.CancellationToken);

    /// <summary>Runs a command that must succeed, and gives what it printed, trimmed.</summary>
    public async Task<string> OkAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0,
            $"{(IsPodman ? "podman" : "stasis")} {string.Join(' ', arguments)}: exit code {result.ExitCode}\n{result.Error}{result.Output}");
        return result.Output.Trim();
    }

    /// <summary>What a shell in the container prints, trimmed.</summary>
    public Task<string> ShellAsync(string container, string script) => OkAsync("exec", container, "sh", "-c", script);

    /// <summary>All that there is to know of a folder in the container, a line for each entry.</summary>
    public Task<string> ListAsync(string container, string folder) => OkAsync("exec", container, "files", "list", folder);
}
