using Stasis.EndToEndTests.Harness;

namespace Stasis.EndToEndTests.Compatibility;

/// <summary>
/// The program answers a line with its count, over a connection from outside of its container that stays the same from host to host.
/// </summary>
public sealed class ConnectionProbe(string address, int port, string question) : Probe
{
    private Line? _line;

    public override void Dispose()
    {
        _line?.Dispose();
        base.Dispose();
    }

    protected override async Task<string?> ReadAsync(RunningProgram program)
    {
        _line ??= await Line.ConnectAsync(program.Client, address, port);
        return await _line.AskAsync(question);
    }
}
