using Stasis.Tests.Mutations;
using Xunit;

namespace Stasis.IntegrationTests.Checkpoints.Mutations;

/// <summary>A checkpoint of each shape, made once by the real runtime and CRIU.</summary>
public sealed class MutableCheckpoints : IAsyncLifetime
{
    internal IReadOnlyList<MutableCheckpoint> All { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        await using var engine = new TestEngine();
        var image = await engine.ImageAsync([.. CheckpointShape.All.Select(shape => shape.Name)]);
        var all = new List<MutableCheckpoint>();
        foreach (var shape in CheckpointShape.All)
            all.Add(await MakeAsync(engine, image, shape));
        All = all;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<MutableCheckpoint> MakeAsync(TestEngine engine, string image, CheckpointShape shape)
    {
        await RunAsync(engine, ["run", "-d", "--name", shape.Name, "--network", "none", .. shape.Run, image, $"/bin/{shape.Name}"]);
        await Eventually.TrueAsync(() => ReadLog(engine, shape.Name).Length > 0, $"the first line of {shape.Name}");
        Assert.Equal("ready", ReadLog(engine, shape.Name));
        var archive = Path.Combine(engine.Home, shape.Name + ".tar");
        await RunAsync(engine, ["container", "checkpoint", "-c", "none", "-e", archive, .. shape.Checkpoint, shape.Name]);
        await RunAsync(engine, ["rm", "-f", shape.Name]);
        return MutableCheckpoint.Read(shape.Name, archive);
    }

    private static string ReadLog(TestEngine engine, string name) =>
        string.Join('\n', engine.LogAsync(name).GetAwaiter().GetResult()).Trim();

    private static async Task RunAsync(TestEngine engine, string[] arguments)
    {
        var result = await engine.CommandAsync(null, arguments);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)}: {result.Error}{result.Output}");
    }
}
