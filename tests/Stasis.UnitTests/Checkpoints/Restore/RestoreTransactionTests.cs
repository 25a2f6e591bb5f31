using Stasis.Engine;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Restore;

/// <summary>Begin, end and undo of containers that have neither mounts nor processes.</summary>
public sealed class RestoreTransactionTests : IDisposable
{
    private static readonly string Id = new('c', 64);

    private readonly TempDirectory _temp = new();
    private readonly StasisEngine _engine;

    public RestoreTransactionTests()
    {
        // Nothing is made without the installed command, which isn't run here.
        var version = typeof(StasisEngine).Assembly.GetName().Version!.ToString(3);
        var command = _temp.File("stasis", $"#!/bin/sh\necho stasis version {version}\n");
        File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _engine = new StasisEngine(new EngineOptions { Root = _temp.Layout.Root, RunRoot = _temp.Layout.RunRoot, CommandPath = command });
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Container Wanted => new(new ContainerConfig { Id = Id, Name = "web" }, new OciSpec(), new ContainerState());

    public void Dispose()
    {
        _engine.Dispose();
        FileTree.Remove(_temp.Layout.Root);
        FileTree.Remove(_temp.Layout.RunRoot);
        _temp.Dispose();
    }

    [Fact]
    public async Task New_container_is_listed_when_its_restore_has_ended()
    {
        using (var transaction = await RestoreTransaction.BeginNewContainerAsync(_engine, Wanted, Token))
        {
            Assert.Equal(OperationKind.RestoreNew, _engine.Operations.Find(Id)?.Kind);
            Assert.Empty(_engine.ContainerStore.List());
            transaction.End(transaction.Container.State with { Restored = true });
        }
        Assert.Null(_engine.Operations.Find(Id));
        Assert.True(Assert.Single(_engine.ContainerStore.List()).State.Restored);
    }

    [Fact]
    public async Task Undone_new_container_is_gone_with_the_volumes_that_were_made_for_it()
    {
        _engine.Volumes.Create("kept");
        _engine.Volumes.Create("made");
        using (var transaction = await RestoreTransaction.BeginNewContainerAsync(_engine, Wanted, Token))
        {
            transaction.Container.Step("volumes", "made");
            await transaction.UndoAsync("it failed");
        }
        Assert.Null(_engine.ContainerStore.FindById(Id));
        Assert.Null(_engine.Operations.Find(Id));
        Assert.True(_engine.Volumes.Exists("kept"));
        Assert.False(_engine.Volumes.Exists("made"));
    }

    [Fact]
    public async Task New_container_whose_restore_was_cut_off_is_gone()
    {
        (await RestoreTransaction.BeginNewContainerAsync(_engine, Wanted, Token)).Dispose();
        await _engine.RecoverAsync(Token);
        Assert.Null(_engine.ContainerStore.FindById(Id));
        Assert.Null(_engine.Operations.Find(Id));
    }

    [Fact]
    public async Task Undone_container_in_place_is_as_before_and_says_why()
    {
        _engine.ContainerStore.Insert(Wanted with { State = new ContainerState { Status = ContainerStatus.Exited, Checkpointed = true } });
        using (var locked = await _engine.Containers.LockAsync(Id, Token))
        {
            using var transaction = await RestoreTransaction.BeginInPlaceAsync(locked);
            locked.Save(locked.Container with { Spec = new OciSpec { Hostname = "new" } });
            await transaction.UndoAsync("it failed");
        }
        var container = _engine.ContainerStore.FindById(Id)!;
        var state = container.State;
        Assert.Equal((ContainerStatus.Exited, true, "it failed"), (state.Status, state.Checkpointed, state.Error));
        Assert.Null(container.Spec.Hostname);
        Assert.Null(_engine.Operations.Find(Id));
    }

    [Fact]
    public async Task Container_in_place_whose_restore_was_cut_off_is_checkpointed_as_before()
    {
        _engine.ContainerStore.Insert(Wanted with { State = new ContainerState { Status = ContainerStatus.Exited, Checkpointed = true } });
        using (var locked = await _engine.Containers.LockAsync(Id, Token))
        {
            using var transaction = await RestoreTransaction.BeginInPlaceAsync(locked);
            locked.Save(locked.State with { Status = ContainerStatus.Running, Pid = 1 << 22 });
        }
        await _engine.RecoverAsync(Token);
        var state = _engine.ContainerStore.FindById(Id)!.State;
        Assert.Equal((ContainerStatus.Exited, true, 0), (state.Status, state.Checkpointed, state.Pid));
        Assert.Null(_engine.Operations.Find(Id));
    }
}
