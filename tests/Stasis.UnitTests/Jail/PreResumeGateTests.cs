using System.Diagnostics;
using System.Globalization;
using Stasis.Engine.Jail;
using Xunit;

namespace Stasis.UnitTests.Jail;

/// <summary>The script that CRIU runs, with a process in place of the container's first one.</summary>
public sealed class PreResumeGateTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Process _first = Process.Start("sleep", "1000");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_script_waits_for_leave_and_goes_on()
    {
        using var gate = PreResumeGate.Create(_directory.Path);
        using var script = Run("pre-resume");
        Assert.Equal(_first.Id, gate.ReadPid());
        Assert.False(script.HasExited);
        gate.Release();
        await script.WaitForExitAsync(Cancellation);
        Assert.Equal(0, script.ExitCode);
        Assert.False(_first.HasExited);
    }

    [Fact]
    public async Task The_first_process_is_killed_if_nobody_gives_leave()
    {
        Process script;
        using (var gate = PreResumeGate.Create(_directory.Path))
        {
            script = Run("pre-resume");
            gate.ReadPid();
        }
        await script.WaitForExitAsync(Cancellation);
        await _first.WaitForExitAsync(Cancellation);
        Assert.Equal(137, _first.ExitCode);
        script.Dispose();
    }

    [Fact]
    public async Task Other_steps_do_not_wait()
    {
        using var script = Run("post-restore");
        await script.WaitForExitAsync(Cancellation);
        Assert.Equal(0, script.ExitCode);
    }

    public void Dispose()
    {
        _first.Kill();
        _first.Dispose();
        _directory.Dispose();
    }

    private Process Run(string step)
    {
        var start = new ProcessStartInfo("sh", ["-c", PreResumeGate.GetScript(_directory.Path)]);
        start.Environment["CRTOOLS_SCRIPT_ACTION"] = step;
        start.Environment["CRTOOLS_INIT_PID"] = _first.Id.ToString(CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }
}
