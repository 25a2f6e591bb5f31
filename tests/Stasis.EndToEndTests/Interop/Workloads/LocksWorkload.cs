using Xunit;

namespace Stasis.EndToEndTests.Interop.Workloads;

/// <summary>A process holds a lock of each kind: flock(2), POSIX's, and an open file description's.</summary>
public sealed class LocksWorkload : Workload
{
    private const string Held = "flock held\nposix held\nofd held";

    public override string Title => "file locks";

    public override string Background => "locks hold /tmp";

    public override IReadOnlyList<string> MoveOptions => ["--file-locks"];

    public override async Task BeginAsync(Side side, string container)
    {
        Assert.Equal(Held, await side.ShellAsync(container, "until test -e /tmp/ready; do sleep 0.01; done; locks probe /tmp"));
    }

    public override async Task CheckAsync(Side side, string container) =>
        Assert.Equal(Held, await side.OkAsync("exec", container, "locks", "probe", "/tmp"));
}
