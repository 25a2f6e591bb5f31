using Stasis.Engine;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.UnitTests.Storage;
using Xunit;

namespace Stasis.UnitTests.Containers;

public sealed class RecoveryTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly StasisEngine _engine;
    private readonly Recorder _recorder = new();
    private readonly Container _container = ContainerStoreTests.Make("web", 'a');

    public RecoveryTests()
    {
        _engine = new StasisEngine(new EngineOptions { Root = _temp.Layout.Root, RunRoot = _temp.Layout.RunRoot });
        _engine.Recovery.Register("test", _recorder);
        _engine.ContainerStore.Insert(_container);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _engine.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public async Task Operation_without_owner_is_undone_once()
    {
        _engine.Operations.Begin(_container.Id, "test", "data");
        _engine.Operations.Step(_container.Id, "half");
        await _engine.RecoverAsync(Cancellation);
        await _engine.RecoverAsync(Cancellation);
        Assert.Equal(["web: half data"], _recorder.Seen);
        Assert.Empty(_engine.Operations.List());
    }

    [Fact]
    public async Task Operation_with_an_owner_is_left_alone()
    {
        using (await FileLock.AcquireAsync(_engine.Layout.ContainerLock(_container.Id), shared: false, Cancellation))
        {
            _engine.Operations.Begin(_container.Id, "test");
            await _engine.RecoverAsync(Cancellation);
            Assert.Empty(_recorder.Seen);
        }
        await _engine.RecoverAsync(Cancellation);
        Assert.Single(_recorder.Seen);
    }

    [Fact]
    public async Task Operation_is_undone_before_the_lock_is_given()
    {
        _engine.Operations.Begin(_container.Id, "test");
        using var locked = await _engine.Containers.LockAsync("web", Cancellation);
        Assert.Single(_recorder.Seen);
    }

    [Fact]
    public async Task Operation_that_cannot_be_undone_blocks_no_other_container()
    {
        var other = ContainerStoreTests.Make("other", 'b');
        _engine.ContainerStore.Insert(other);
        _engine.Operations.Begin(_container.Id, "test");
        _recorder.Failure = new StasisException("disk on fire");

        using (await _engine.Containers.LockAsync("other", Cancellation))
            Assert.Contains("disk on fire", _engine.Containers.Get("web").State.Error, StringComparison.Ordinal);
        Assert.Equal("disk on fire",
            (await Assert.ThrowsAsync<StasisException>(() => _engine.Containers.LockAsync("web", Cancellation))).Message);

        _recorder.Failure = null;
        using var locked = await _engine.Containers.LockAsync("web", Cancellation);
        Assert.Empty(_engine.Operations.List());
    }

    [Fact]
    public async Task Operation_of_a_newer_version_is_named()
    {
        _engine.Operations.Begin(_container.Id, "teleport");
        var e = await Assert.ThrowsAsync<StasisException>(() => _engine.Containers.LockAsync("web", Cancellation));
        Assert.Contains("teleport", e.Message, StringComparison.Ordinal);
        Assert.Single(_engine.Operations.List());
    }

    [Fact]
    public async Task Half_made_it_is_taken_away_with_its_files()
    {
        ContainerMounts.MakeFolders(_engine.Layout, _container with { Layers = [] });
        _engine.Operations.Begin(_container.Id, OperationKind.Create);
        await _engine.RecoverAsync(Cancellation);
        Assert.Null(_engine.ContainerStore.Find("web"));
        Assert.False(Directory.Exists(_engine.Layout.Container(_container.Id).Directory));
    }

    [Fact]
    public async Task An_operation_whose_container_is_gone_goes_too()
    {
        _engine.Operations.Begin(new string('c', 64), "test");
        await _engine.RecoverAsync(Cancellation);
        Assert.Empty(_engine.Operations.List());
        Assert.Empty(_recorder.Seen);
    }

    private sealed class Recorder : IOperationRecovery
    {
        public List<string> Seen { get; } = [];

        public Exception? Failure { get; set; }

        public Task RecoverAsync(LockedContainer container, PendingOperation operation, CancellationToken cancellation)
        {
            if (Failure is { } failure)
                throw failure;
            Seen.Add($"{container.Container.Name}: {operation.Step} {operation.Data}");
            return Task.CompletedTask;
        }
    }
}
