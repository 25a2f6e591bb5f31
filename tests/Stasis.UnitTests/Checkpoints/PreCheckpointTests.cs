using Stasis.Engine;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Linux;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Checkpoints;

/// <summary>How pre-checkpoints lie in folders and archives: what is done with them needs a kernel that can track memory.</summary>
public sealed class PreCheckpointTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("stasis-test-").FullName;
    private readonly StasisEngine _engine;

    public PreCheckpointTests() =>
        _engine = new StasisEngine(new EngineOptions { Root = Path.Combine(_home, "root"), RunRoot = Path.Combine(_home, "run") });

    public void Dispose()
    {
        _engine.Dispose();
        FileTree.Remove(_home);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Archive => Path.Combine(_home, "archive.tar");

    private CheckpointEntryPaths Folder(string name, params string[] files)
    {
        var folder = new CheckpointEntryPaths(Path.Combine(_home, name));
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder.Path, file))!);
            File.AppendAllText(Path.Combine(folder.Path, file),
                file.EndsWith("config.dump", StringComparison.Ordinal) ? $$"""{"id":"{{name}}","name":"c"}""" : file);
        }
        return folder;
    }

    private string Write(Action<ArchiveWriter> fill)
    {
        using var writer = ArchiveWriter.Create(Archive, CompressionFormat.None);
        fill(writer);
        writer.Write(_ => { }, Cancellation);
        writer.Commit();
        return Archive;
    }

    private CheckpointEntryPaths Unpacked(string archive)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_home, "unpacked")).FullName;
        ArchiveUnpacker.Unpack(archive, ArchiveReadSettings.Open, folder, _ => { }, Cancellation);
        return new CheckpointEntryPaths(folder);
    }

    [Fact]
    public void An_archive_carries_what_its_checkpoint_builds_on()
    {
        var made = Folder("made", "checkpoint/inventory.img", "pre-checkpoint/pages-1.img");
        var read = Unpacked(Write(writer =>
        {
            writer.AddFolder("pre-checkpoint", made.PreImages);
            writer.AddFolder("checkpoint", made.Images);
            writer.AddLink("checkpoint/parent", PreCheckpoint.Parent);
        }));
        PreCheckpoint.RequireComplete(read, Archive);
        Assert.Equal("pre-checkpoint/pages-1.img", File.ReadAllText(Path.Combine(read.ParentLink, "pages-1.img")));
    }

    [Fact]
    public void Where_the_link_of_an_archive_leads_is_not_its_to_say()
    {
        var read = Unpacked(Write(writer => writer.AddLink("checkpoint/parent", "/etc")));
        Assert.Equal("../pre-checkpoint", new FileInfo(read.ParentLink).LinkTarget);
        Assert.Throws<ArchiveException>(() => Unpacked(Write(writer => writer.AddLink("checkpoint/other", "/etc"))));
    }

    [Fact]
    public void Missing_pre_checkpoint_is_named_with_its_source()
    {
        var alone = Folder("alone", "checkpoint/inventory.img");
        PreCheckpoint.RequireComplete(alone, Archive);
        PreCheckpoint.MakeParentLink(alone);
        Assert.Contains("--import-previous", Assert.Throws<ArchiveException>(() => PreCheckpoint.RequireComplete(alone, Archive)).Remedy,
            StringComparison.Ordinal);
        Assert.Contains("pre-checkpoint",
            Assert.Throws<ArchiveException>(() => PreCheckpoint.RequireComplete(Folder("pre", "pre-checkpoint/pages-1.img"),
                Archive)).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void The_previous_archive_is_put_beside_if_it_is_the_same_containers()
    {
        var checkpoint = Folder("same", "config.dump", "checkpoint/inventory.img", "pre-checkpoint/stale");
        var previous = Folder("previous", "pre-checkpoint/pages-1.img");
        var archive = Write(writer =>
        {
            writer.AddFile("config.dump", checkpoint.ConfigDump);
            writer.AddFolder("pre-checkpoint", previous.PreImages);
        });
        PreCheckpoint.Import(_engine, archive, ArchiveReadSettings.Open, checkpoint, Cancellation);
        Assert.Equal(["pages-1.img"], Directory.GetFiles(checkpoint.PreImages).Select(Path.GetFileName));

        var other = Folder("other", "config.dump", "checkpoint/inventory.img");
        Assert.Contains("same",
            Assert.Throws<ArchiveException>(() =>
                PreCheckpoint.Import(_engine, archive, ArchiveReadSettings.Open, other, Cancellation)).Message,
                StringComparison.Ordinal);
        Assert.Throws<ArchiveException>(() => PreCheckpoint.Import(
            _engine,
            Write(writer => writer.AddFolder("checkpoint", checkpoint.Images)),
            ArchiveReadSettings.Open,
            checkpoint,
            Cancellation));
    }

    [Fact]
    public void Impossible_options_are_refused_first()
    {
        var paths = _engine.Layout.Container("c");
        foreach (var options in (CheckpointOptions[])[new() { PreCheckpoint = true, WithPrevious = true },
            new() { PreCheckpoint = true, CreateImage = "cp" }])
            Assert.Throws<StasisException>(() => PreCheckpoint.RequireValid(options));
        PreCheckpoint.RequireValid(new CheckpointOptions());
        if (!KernelFeatures.HasSoftDirty())
        {
            var failure = Assert.Throws<StasisException>(() => PreCheckpoint.RequireValid(new CheckpointOptions { PreCheckpoint = true }));
            Assert.Contains("track", failure.Message, StringComparison.Ordinal);
        }
        PreCheckpoint.RequirePossible(new CheckpointOptions(), paths);
        Assert.Throws<StasisException>(() => PreCheckpoint.RequirePossible(new CheckpointOptions { WithPrevious = true }, paths));
    }
}
