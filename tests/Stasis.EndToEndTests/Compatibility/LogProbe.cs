namespace Stasis.EndToEndTests.Compatibility;

/// <summary>The program prints its count.</summary>
public sealed class LogProbe : Probe
{
    protected override async Task<string?> ReadAsync(RunningProgram program) =>
        await program.Host.OkAsync("logs", "--tail", "2", program.Container);
}
