using Stasis.Engine;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Import;

/// <summary>An engine on a root of its own, and archives to open with it.</summary>
internal sealed class ImportFixture : IDisposable
{
    private readonly TempDirectory _temp = new();

    public ImportFixture() => Engine = new StasisEngine(new EngineOptions { Root = _temp.Layout.Root, RunRoot = _temp.Layout.RunRoot });

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static ContainerConfig Config { get; } = new() { Id = new string('c', 64), Name = "web" };

    public StasisEngine Engine { get; }

    public CheckpointStore Store => Engine.CheckpointStore;

    public string At(string name) => Path.Combine(_temp.Path, name);

    /// <summary>Writes an archive that is so old that a change would show, and returns its path.</summary>
    public string WriteArchive(string name = "a.tar") => WriteArchive(name, CompressionFormat.None, out _);

    public string WriteArchive(string name, CompressionFormat compression, out string digest)
    {
        using (var writer = ArchiveWriter.Create(At(name), compression))
        {
            writer.AddBytes("config.dump", """{"id":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc","name":"web"}"""u8);
            writer.AddBytes("spec.dump", "{}"u8);
            writer.AddBytes("checkpoint/inventory.img", "inventory"u8);
            writer.AddBytes("checkpoint/pages-1.img", new byte[1 << 16]);
            writer.Write(_ => { }, Token);
            digest = writer.Digest!;
            writer.Commit();
        }
        var status = FileStatus.Read(At(name));
        SpinWait.SpinUntil(() => FileUnchangedCheck.IsSettled(status, DateTimeOffset.UtcNow));
        return At(name);
    }

    public Task<OpenedCheckpoint> OpenAsync(CheckpointSource source, OpenPurpose mode = OpenPurpose.Complete, ArchiveReadSettings? access = null) =>
        new CheckpointOpener(Engine, source, access ?? ArchiveReadSettings.Open, mode, progress: null).OpenAsync(Token);

    public Task<OpenedCheckpoint> OpenAsync(string path, OpenPurpose mode = OpenPurpose.Complete) =>
        OpenAsync(new CheckpointSource.ArchiveFile(path), mode);

    /// <summary>Reads an archive into the store, and returns its ID there.</summary>
    public async Task<string> ImportAsync(string path)
    {
        using var opened = await OpenAsync(path);
        return (await opened.CommitAsync(Config, durable: false, Token)).Id;
    }

    public IEnumerable<string> Staging() =>
        Directory.Exists(Engine.Layout.Staging) ? Directory.EnumerateFileSystemEntries(Engine.Layout.Staging) : [];

    public void Dispose()
    {
        Engine.Dispose();
        FileTree.Remove(_temp.Layout.Root);
        _temp.Dispose();
    }
}
