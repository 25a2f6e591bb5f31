using Stasis.Engine.Errors;
using Stasis.Engine.RuntimeCommand;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand;

/// <summary>What a restart of a restored container does.</summary>
public sealed class RestartPolicyTests : IDisposable
{
    private const string Mount = """{"destination":"/.stasis/","type":"bind","source":"/archive"}""";

    private readonly TempDirectory _directory = new();

    private string Config => Path.Combine(_directory.Path, "config.json");

    private string Root => Path.Combine(_directory.Path, "rootfs");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_container_that_has_run_runs_its_command()
    {
        Write("{}");
        Assert.False(RestartPolicy.TryStartFresh(_directory.Path));

        RestartPolicy.MarkStarted(Root);

        Assert.True(RestartPolicy.TryStartFresh(_directory.Path));
        Assert.DoesNotContain(".stasis", File.ReadAllText(Config), StringComparison.Ordinal);
        Assert.Contains("/proc", File.ReadAllText(Config), StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_restored_again_if_the_annotation_says_so()
    {
        Write("""{"dev.stasis.restart":"checkpoint"}""");
        RestartPolicy.MarkStarted(Root);

        Assert.False(RestartPolicy.TryStartFresh(_directory.Path));
    }

    [Fact]
    public void Another_value_of_the_annotation_is_refused()
    {
        Write("""{"dev.stasis.restart":"sometimes"}""");

        var refused = Assert.Throws<StasisException>(() => RestartPolicy.TryStartFresh(_directory.Path));

        Assert.Contains("sometimes", refused.Message, StringComparison.Ordinal);
    }

    private void Write(string annotations)
    {
        Directory.CreateDirectory(Root);
        File.WriteAllText(
            Config, $$"""{"root":{"path":"rootfs"},"annotations":{{annotations}},"mounts":[{"destination":"/proc"},{{Mount}}]}""");
    }
}
