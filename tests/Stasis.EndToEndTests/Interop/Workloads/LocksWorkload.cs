using Xunit;

namespace Stasis.EndToEndTests.Interop.Workloads;

/// <summary>A process holds a lock of each kind: flock(2), POSIX's, and an open file description's.</summary>
public sealed class LocksWorkload : Workload
{
    public override string Title => "file locks";

    public override string Background => "locks hold /tmp";

    public override IReadOnlyList<string> MoveOptions => ["--file-locks"];

    public override async Task BeginAsync(Side side, string container)
    {
        await Eventually.GetAsync(() => side.RunAsync("exec", container, "test", "-e", "/tmp/ready"), result => result.ExitCode == 0);
        await HeldAsync(side, container);
    }

    public override Task CheckAsync(Side side, string container) => HeldAsync(side, container);

    private static async Task HeldAsync(Side side, string container) => Assert.Equal("flock held\nposix held\nofd held", await side.OkAsync("exec", container, "locks", "probe", "/tmp"));
}
