using Stasis.Engine;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Restore;

public sealed class RestoredRuntimeTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public RestoredRuntimeTests()
    {
        foreach (var name in (string[])["runc", "crun", "own"])
            File.CreateSymbolicLink(Path.Combine(_temp.Path, name), "/bin/true");
    }

    public void Dispose() => _temp.Dispose();

    private string At(string name) => Path.Combine(_temp.Path, name);

    private static string Choose(string? recorded, string? asked, string byDefault)
    {
        using var engine = new StasisEngine(new EngineOptions { Runtime = byDefault });
        return RestoredRuntime.Choose(new ContainerConfig { Id = "", Name = "", OciRuntime = recorded }, asked, engine, "a.tar");
    }

    [Fact]
    public void Runtime_is_the_one_that_made_the_archive()
    {
        Assert.Equal(At("runc"), Choose("runc", asked: At("runc"), "crun"));
        Assert.Equal(At("crun"), Choose("/elsewhere/crun", asked: null, At("crun")));
        Assert.Equal(At("runc"), Choose(null, asked: null, At("runc")));
        Assert.Equal(At("runc"), Choose("", asked: At("runc"), "crun"));
        Assert.Equal(At("own"), Choose("own", asked: null, At("own")));
    }

    [Theory]
    [InlineData("runc", "crun")]
    [InlineData("/usr/bin/crun", "/usr/bin/runc")]
    public void Another_one_is_refused(string recorded, string asked)
    {
        var refusal = Assert.Throws<StasisException>(() => Choose(recorded, asked, "runc"));
        Assert.Contains($"was created with runtime '{Path.GetFileName(recorded)}' and cannot be restored with runtime '{asked}'",
            refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(refusal.Remedy);
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("/bin/sh")]
    [InlineData("../runc/")]
    public void An_archive_may_not_have_any_program_run(string recorded) =>
        Assert.Throws<ArchiveException>(() => Choose(recorded, null, "runc"));

    [Fact]
    public void One_that_is_not_installed_is_to_be_installed()
    {
        File.Delete(At("crun"));
        var refusal = Assert.Throws<StasisException>(() => Choose("crun", null, At("crun")));
        Assert.Contains("not installed here", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("install crun", refusal.Remedy, StringComparison.Ordinal);
    }
}
