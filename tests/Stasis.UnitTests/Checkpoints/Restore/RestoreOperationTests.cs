using Stasis.Engine;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Errors;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Restore;

/// <summary>What a restore refuses before it looks for its source; none of these sources exists.</summary>
public sealed class RestoreOperationTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly StasisEngine _engine;

    public RestoreOperationTests() =>
        _engine = new StasisEngine(new EngineOptions { Root = _temp.Layout.Root, RunRoot = _temp.Layout.RunRoot });

    public static TheoryData<CheckpointSource, RestoreOptions, string> Refused { get; } = new()
    {
        { new CheckpointSource.InPlace("web"), new() { Identity = new() { Name = "copy" } }, "keeps its name" },
        { new CheckpointSource.ArchiveFile("/none"), new() { Identity = new() { Hostname = "a b" } }, "invalid hostname \"a b\"" },
        { new CheckpointSource.ArchiveFile("/none"), new() { Network = new() { Publish = ["x"] } }, "x" },
        { new CheckpointSource.InPlace("web"), new() { Network = new() { Ip = "10.0.0" } }, "10.0.0" },
        { new CheckpointSource.ArchiveFile("/none"), new() { Trust = new() { Allow = ["nothing"] } }, "isn't RULE:VALUE" },
        { new CheckpointSource.InPlace("web"), new() { Trust = new() { Policy = "/no/policy" } }, "import policy /no/policy" },
        { new CheckpointSource.ArchiveFile("/none"), new() { Trust = new() { Identities = ["/no/key"] } }, "/no/key" },
        { new CheckpointSource.NamedImage("none"), new() { Trust = new() { RequireSignature = true } }, "only an archive can be signed" },
    };

    public void Dispose()
    {
        _engine.Dispose();
        _temp.Dispose();
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Input_that_can_not_be_used_is_refused_before_the_source_is_looked_for(
        CheckpointSource source, RestoreOptions options, string why)
    {
        var error = Assert.ThrowsAny<StasisException>(() => RestoreOperation.Create(_engine, source, options, progress: null));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_temp.Layout.Root));
    }

    [Fact]
    public void Placeholders_are_filled_in_before_names_are_validated()
    {
        var options = new RestoreOptions { Identity = new() { Name = "web", Hostname = "{name}-{n}", CopyNumber = 2 } };
        RestoreOperation.Create(_engine, new CheckpointSource.ArchiveFile("/none"), options, progress: null);
    }
}
