using Stasis.Engine;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Checkpoints;

public sealed class CheckpointImageTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly StasisEngine _engine;

    public CheckpointImageTests()
    {
        _engine = new StasisEngine(new EngineOptions { Root = _temp.Layout.Root, RunRoot = _temp.Layout.RunRoot });
        foreach (var file in (string[])["config.dump", "ctr.log", "checkpoint/inventory.img", "volumes/data.tar"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(InLayer(file))!);
            File.AppendAllText(InLayer(file), file);
        }
    }

    public void Dispose()
    {
        _engine.Dispose();
        _temp.Dispose();
    }

    private static Image Image => new() { Id = "", Names = [], Layers = ["sha256:a"], Config = new ImageExecutionConfig() };

    private string Target => Path.Combine(_temp.Path, "target");

    private string InLayer(string name) => Path.Combine(_engine.Layout.Layer("sha256:a"), name);

    private void Unpack(Image image)
    {
        FileTree.Remove(Target);
        Directory.CreateDirectory(Target);
        CheckpointImage.Unpack(_engine, image, "cp", Target, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Image_is_laid_out_as_an_archive_and_its_own_files_stay_as_they_are()
    {
        Unpack(Image);
        foreach (var file in (string[])["config.dump", "ctr.log", "checkpoint/inventory.img", "volumes/data.tar"])
            Assert.Equal(file, File.ReadAllText(Path.Combine(Target, file)));
        // The restored container's log goes on.
        File.AppendAllText(Path.Combine(Target, "ctr.log"), "more");
        File.Delete(Path.Combine(Target, "checkpoint/inventory.img"));
        Assert.Equal(("ctr.log", "checkpoint/inventory.img"),
            (File.ReadAllText(InLayer("ctr.log")), File.ReadAllText(InLayer("checkpoint/inventory.img"))));
    }

    [Fact]
    public void Entry_that_no_checkpoint_has_is_refused()
    {
        File.CreateSymbolicLink(InLayer("spec.dump"), "/etc/passwd");
        Assert.Equal("spec.dump", Assert.Throws<ArchiveException>(() => Unpack(Image)).Entry);
        File.Delete(InLayer("spec.dump"));
        File.AppendAllText(InLayer("surprise"), "");
        Assert.Equal("surprise", Assert.Throws<ArchiveException>(() => Unpack(Image)).Entry);
        Assert.Contains("one layer",
            Assert.Throws<ArchiveException>(() => Unpack(Image with { Layers = ["sha256:a", "sha256:b"] })).Message,
                StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Version: 4.2.1", "40201")]
    [InlineData("Version: 3.17", "31700")]
    [InlineData("Version: 4.1.1\nGitID: v4.1.1", "40101")]
    [InlineData("nothing", "unknown")]
    public void Versions_of_CRIU_are_numbers_as_its_own(string printed, string number) =>
        Assert.Equal(number, CheckpointImage.CriuNumber(printed));
}
