using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.IntegrationTests.Checkpoints.Forging;

/// <summary>A checkpoint of a container that holds one of everything, made once by the real runtime and CRIU, and unpacked.</summary>
public sealed class RealCheckpoint : IAsyncLifetime
{
    private readonly string _home = Directory.CreateDirectory($"/var/tmp/stasis-test-{Guid.NewGuid():N}").FullName;

    internal CheckpointEntryPaths Folder => new(_home);

    internal ContainerConfig Config { get; private set; } = null!;

    internal OciSpec Spec { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await using var engine = new TestEngine();
        var program = Directory.CreateDirectory(Path.Combine(engine.Home, "program")).FullName;
        await TestEngine.CompileAsync("everything", program);
        await engine.CreateAsync("original", "", options => options with
        {
            Volumes = [$"{program}:/program:ro"],
            Tmpfs = ["/scratch"],
            Command = ["/program/everything"],
            SecurityOptions = ["no-new-privileges"],
            CapDrop = ["SETUID"],
        });
        await engine.Containers.StartAsync("original", CancellationToken.None);
        var log = new List<string>();
        await TestEngine.UntilAsync(() => (log = engine.LogAsync("original").GetAwaiter().GetResult()).Count > 0,
            "the program's first line");
        Assert.Equal(["ready"], log);
        var archive = Path.Combine(engine.Home, "original.tar");
        await engine.Engine.Checkpoints.CheckpointAsync(
            "original",
            new CheckpointOptions { Export = archive, Compression = CompressionFormat.None },
            null,
            CancellationToken.None);
        ArchiveUnpacker.Unpack(archive, ArchiveReadSettings.Open, _home, _ => { }, CancellationToken.None);
        Config = ArchiveUnpacker.ReadJson(archive, _home, ArchiveEntryNames.ConfigDump, Stasis.Engine.EngineJson.Default.ContainerConfig);
        Spec = ArchiveUnpacker.ReadJson(archive, _home, ArchiveEntryNames.SpecDump, Stasis.Engine.EngineJson.Default.OciSpec);
    }

    public ValueTask DisposeAsync()
    {
        FileTree.Remove(_home);
        return ValueTask.CompletedTask;
    }
}
