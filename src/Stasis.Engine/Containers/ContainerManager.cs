using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers;

/// <summary>
/// Containers and the verbs on them; each verb has a file of its own. All take a name, an ID or a unique prefix of an ID. They
/// throw <see cref="NotFoundException"/> if there is no such container, and <see cref="InvalidStateException"/> if its state
/// doesn't allow the verb.
/// </summary>
public sealed partial class ContainerManager
{
    private readonly StasisEngine _engine;

    internal ContainerManager(StasisEngine engine) => _engine = engine;

    /// <summary>Lists all containers, oldest first, with their current state.</summary>
    public IReadOnlyList<Container> List() => [.. _engine.ContainerStore.List().Select(WithCurrentState)];

    /// <summary>Returns the container of that full name, ID or unique ID prefix, with its current state.</summary>
    public Container Get(string nameOrId) => WithCurrentState(_engine.ContainerStore.Get(nameOrId));

    /// <summary>Whether there is a container of that full name, ID or unique ID prefix.</summary>
    public bool Exists(string nameOrId) => _engine.ContainerStore.Find(nameOrId) is not null;

    /// <summary>Returns the container that was created last.</summary>
    /// <exception cref="NotFoundException">There is no container.</exception>
    public Container Latest() => List() is [.., var last] ? last
        : throw new NotFoundException("there is no container yet") { Remedy = "stasis run IMAGE makes one" };

    /// <summary>
    /// Takes a container's lock, and waits for the process that holds it. Then recovers an operation that a killed process left
    /// half-done, and records the container's end if it has ended. So every verb begins from the true state.
    /// </summary>
    /// <exception cref="NotFoundException">There is no such container, or it was removed meanwhile.</exception>
    internal Task<LockedContainer> LockAsync(string nameOrId, CancellationToken cancellationToken) =>
        LockAsync(nameOrId, isRemoval: false, cancellationToken);

    // A removal does all that a recovery does, and goes on where that can't.
    private async Task<LockedContainer> LockAsync(string nameOrId, bool isRemoval, CancellationToken cancellationToken)
    {
        await _engine.RecoverAsync(cancellationToken);
        var id = _engine.ContainerStore.Get(nameOrId).Id;
        var held = await _engine.Log.Locks.AcquireAsync(_engine.Layout.ContainerLock(id), shared: false, cancellationToken);
        try
        {
            var locked = new LockedContainer(_engine, _engine.ContainerStore.FindById(id) ?? throw ContainerStore.NotFound(nameOrId), held);
            try
            {
                if (_engine.Operations.Find(id) is { } orphan)
                    await _engine.Recovery.RecoverAsync(locked, orphan, cancellationToken);
                if (!locked.IsRemoved && ContainerExit.TryRead(locked.Container, locked.Paths) is { } end)
                    await FinishAsync(locked, end);
            }
            catch (Exception e) when (isRemoval && e is StasisException or IOException)
            {
                _engine.Warn($"container {locked.Container.Name}: {e.Message}; it is removed all the same");
            }
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

    /// <summary>As <see cref="LockAsync(string, CancellationToken)"/>, and requires that the container's state allows the verb.</summary>
    /// <exception cref="InvalidStateException">The state doesn't allow it.</exception>
    internal async Task<LockedContainer> LockAsync(string nameOrId, TransitionVerb verb, CancellationToken cancellationToken)
    {
        if (verb is TransitionVerb.Restart or TransitionVerb.Checkpoint or TransitionVerb.Restore)
            await _engine.Command.RequireInstalledAsync(cancellationToken);
        var locked = await LockAsync(nameOrId, isRemoval: verb == TransitionVerb.ForceRemove, cancellationToken);
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
    /// Inserts the row of a container that is going to be created, takes its lock, and begins an operation. Until the operation
    /// has ended, the container isn't listed; if this process dies, recovery undoes the operation.
    /// </summary>
    /// <param name="container">The container; its name and ID must be free.</param>
    /// <param name="kind"><see cref="OperationKind.Create"/> or <see cref="OperationKind.RestoreNew"/>.</param>
    /// <param name="data">The operation's data.</param>
    /// <param name="cancellationToken">Stops waiting for the lock.</param>
    /// <exception cref="InUseException">Name or ID is taken. Nothing was changed.</exception>
    internal async Task<LockedContainer> ReserveAsync(Container container, string kind, string? data, CancellationToken cancellationToken)
    {
        await _engine.Command.RequireInstalledAsync(cancellationToken);
        await _engine.RecoverAsync(cancellationToken);
        var held = await _engine.Log.Locks.AcquireAsync(_engine.Layout.ContainerLock(container.Id), shared: false, cancellationToken);
        try
        {
            _engine.Database.Transaction(() =>
            {
                _engine.ContainerStore.Insert(container);
                if (container.Checkpoint is { } checkpoint)
                    _engine.CheckpointStore.Use(checkpoint);
                // The removal of an image decides in a transaction too: from here on it sees the container, but it may have run before.
                if (container.Layers.FirstOrDefault(layer => !Directory.Exists(_engine.Layout.Layer(layer))) is { } missing)
                {
                    throw new StasisException(
                        $"container {container.Name}: layer {missing} of its image is gone: the image was removed meanwhile");
                }
                _engine.Operations.Begin(container.Id, kind, data);
            });
            _engine.Log.Containers.OperationBegins(container.Name, container.Id, kind);
            return new LockedContainer(_engine, container, held);
        }
        catch
        {
            held.Remove();
            held.Dispose();
            throw;
        }
    }

    /// <summary>Returns the container with its current state, for read-only commands: takes no lock, and records nothing.</summary>
    internal Container WithCurrentState(Container container)
    {
        if (ContainerExit.TryRead(container, _engine.Layout.Container(container.Id)) is not { } end)
            return container;
        if (!end.IsUnknown)
            return container with { State = end.ApplyTo(container.State) };
        // Since the row was read, another process may have recorded the end in it and deleted the exit file, or removed the container.
        return _engine.ContainerStore.FindById(container.Id) switch
        {
            null => container,
            var now when IsSameLife(now.State, container.State) => container with { State = end.ApplyTo(container.State) },
            var now => now,
        };
    }
}
