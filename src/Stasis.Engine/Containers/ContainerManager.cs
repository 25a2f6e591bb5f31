using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers;

/// <summary>
/// Containers and the verbs on them; each verb has a file of its own. All take a name, an ID or a unique prefix of one, throw
/// <see cref="NotFoundException"/> when there is none, and <see cref="InvalidStateException"/> when the verb isn't allowed in the container's state.
/// </summary>
public sealed partial class ContainerManager
{
    private readonly StasisEngine _engine;

    internal ContainerManager(StasisEngine engine) => _engine = engine;

    /// <summary>All containers, oldest first, their state brought up to date with what conmon recorded.</summary>
    public IReadOnlyList<Container> List() => [.. _engine.ContainerStore.List().Select(Observed)];

    /// <summary>By full name, ID or unique ID prefix.</summary>
    public Container Get(string nameOrId) => Observed(_engine.ContainerStore.Get(nameOrId));

    /// <summary>Whether there is a container of that full name, ID or unique ID prefix.</summary>
    public bool Exists(string nameOrId) => _engine.ContainerStore.Find(nameOrId) is not null;

    /// <summary>The container that was created last.</summary>
    public Container Latest() => List() is [.., var last] ? last
        : throw new NotFoundException("there is no container yet") { Remedy = "stasis run makes one" };

    /// <summary>
    /// Takes a container's lock, waiting for whoever has it; then puts right what a killed process left half-done, and records its end if it
    /// ended meanwhile. So every verb begins from a state that is true.
    /// </summary>
    /// <exception cref="NotFoundException">There is none (any more).</exception>
    internal async Task<LockedContainer> LockAsync(string nameOrId, CancellationToken cancellation)
    {
        await _engine.RecoverAsync(cancellation);
        var id = _engine.ContainerStore.Get(nameOrId).Id;
        var held = await _engine.Log.Locks.AcquireAsync(_engine.Layout.ContainerLock(id), shared: false, cancellation);
        try
        {
            var locked = new LockedContainer(_engine, _engine.ContainerStore.FindById(id) ?? throw ContainerStore.NotFound(nameOrId), held);
            if (_engine.Operations.Find(id) is { } orphan)
                await _engine.Recovery.RecoverAsync(locked, orphan, cancellation);
            if (!locked.IsRemoved && ContainerExit.TryRead(locked.Container, locked.Paths) is { } end)
                await FinishAsync(locked, end);
            return locked.IsRemoved ? throw ContainerStore.NotFound(nameOrId) : locked;
        }
        catch (NotFoundException)
        {
            held.Remove();
            held.Dispose();
            throw;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>As above, and requires that the verb is allowed.</summary>
    /// <exception cref="InvalidStateException">It isn't.</exception>
    internal async Task<LockedContainer> LockAsync(string nameOrId, Verb verb, CancellationToken cancellation)
    {
        if (verb is Verb.Restart or Verb.Checkpoint or Verb.Restore)
            await _engine.Command.RequireAsync(cancellation);
        var locked = await LockAsync(nameOrId, cancellation);
        try
        {
            Transitions.Require(verb, locked.Container);
            return locked;
        }
        catch
        {
            locked.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Takes name and ID of a container that is going to be made, with its lock; until the operation of that kind (<see cref="OperationKind.Create"/>
    /// or <see cref="OperationKind.Import"/>) is ended the container isn't listed, and if this process dies it is undone.
    /// </summary>
    /// <exception cref="InUseException">Name or ID is taken. Nothing was changed.</exception>
    internal async Task<LockedContainer> ReserveAsync(Container container, string kind, string? data, CancellationToken cancellation)
    {
        await _engine.Command.RequireAsync(cancellation);
        await _engine.RecoverAsync(cancellation);
        var held = await _engine.Log.Locks.AcquireAsync(_engine.Layout.ContainerLock(container.Id), shared: false, cancellation);
        try
        {
            _engine.Database.Transaction(() =>
            {
                _engine.ContainerStore.Insert(container);
                if (container.Checkpoint is { } checkpoint)
                    _engine.CheckpointStore.Use(checkpoint);
                // Image removal decides in a transaction too: from here on it sees the container, but it may have been faster.
                if (container.Layers.FirstOrDefault(layer => !Directory.Exists(_engine.Layout.Layer(layer))) is { } missing)
                    throw new StasisException($"container {container.Name}: layer {missing} of its image is gone: the image was removed meanwhile");
                _engine.Operations.Begin(container.Id, kind, data);
            }, durable: true);
            _engine.Log.Containers.OperationBegins(container, kind);
            return new LockedContainer(_engine, container, held);
        }
        catch
        {
            held.Remove();
            held.Dispose();
            throw;
        }
    }

    /// <summary>How it is by now, for those who only look: nothing is recorded and no lock is taken.</summary>
    internal Container Observed(Container container)
    {
        if (ContainerExit.TryRead(container, _engine.Layout.Container(container.Id)) is not { } end)
            return container;
        if (!end.IsUnknown)
            return container with { State = end.ApplyTo(container.State) };
        // Since its row was read, its end may have been recorded there and the files that told of it taken away, or all of it removed.
        return _engine.ContainerStore.FindById(container.Id) switch
        {
            null => container,
            var now when IsSameLife(now.State, container.State) => container with { State = end.ApplyTo(container.State) },
            var now => now,
        };
    }
}
