namespace Stasis.EndToEndTests.Compatibility;

/// <summary>A command in the container prints the program's count.</summary>
public sealed class ExecProbe(string script) : Probe
{
    protected override async Task<string?> ReadAsync(RunningProgram program) =>
        await program.Host.RunAsync("exec", program.Container, "sh", "-c", script) is { ExitCode: 0 } result ? result.Output : null;
}
