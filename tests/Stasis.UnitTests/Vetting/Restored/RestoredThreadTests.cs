using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Restored;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Vetting.Restored;

public sealed class RestoredThreadTests
{
    [Fact]
    public async Task A_zombie_is_left_out()
    {
        using var parent = Spawn.Start(new SpawnOptions { Program = "sh", Arguments = ["-c", "true & exec sleep 1000"] });
        try
        {
            var children = $"/proc/{parent.Id}/task/{parent.Id}/children";
            await Eventually.TrueAsync(() => File.ReadAllText($"/proc/{parent.Id}/comm") == "sleep\n" && HasZombie(children), "a zombie");

            var read = Assert.Single(RestoredThread.ReadAll(new RestoredContainer
            {
                Pid = parent.Id,
                Spec = new OciSpec(),
                RootFs = "",
                Cgroups = [],
            }));
            Assert.Equal($"/proc/{parent.Id}", read.Folder);
            Assert.True(read.IsFirst);
        }
        finally
        {
            parent.Signal(Signals.Kill);
        }
    }

    private static bool HasZombie(string children) =>
        File.ReadAllText(children).Trim() is { Length: > 0 } child
            && File.ReadLines($"/proc/{child}/status").Any(line => line.StartsWith("State:\tZ", StringComparison.Ordinal));
}
