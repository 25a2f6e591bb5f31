using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers;

/// <summary>A container whose lock this process holds until this is disposed: no other process changes the container.</summary>
internal sealed class LockedContainer : IDisposable
{
    private readonly FileLock _held;

    internal LockedContainer(StasisEngine engine, Container container, FileLock held)
    {
        (Engine, Container, _held) = (engine, container, held);
        Paths = engine.Layout.Container(container.Id);
    }

    /// <summary>The engine.</summary>
    public StasisEngine Engine { get; }

    /// <summary>The container as it is in the database.</summary>
    public Container Container { get; private set; }

    /// <summary>The container's state.</summary>
    public ContainerState State => Container.State;

    /// <summary>The container's ID.</summary>
    public string Id => Container.Id;

    /// <summary>The container's paths.</summary>
    public ContainerLayout Paths { get; }

    /// <summary>Whether the container was removed under this lock.</summary>
    public bool IsRemoved { get; private set; }

    /// <summary>Name or path of the container's runtime.</summary>
    public string RuntimeName => Container.Config.OciRuntime ?? Engine.Options.Runtime;

    /// <summary>The container's runtime.</summary>
    /// <exception cref="StasisException">There is no such program.</exception>
    public Runtime Runtime => field ??= Runtime.Find(Engine.Layout, RuntimeName, log: Engine.Log);

    /// <summary>Saves the container's state.</summary>
    /// <param name="state">The new state.</param>
    /// <param name="durable">Sync to disk, so that the state outlives a power failure.</param>
    public void Save(ContainerState state, bool durable = false)
    {
        Engine.ContainerStore.Save(Id, state, durable);
        Engine.Log.Containers.StatusChanges(Container.Name, Id, State.Status, state.Status);
        Container = Container with { State = state };
    }

    /// <summary>Saves that the container has processes: from now on it is alive.</summary>
    /// <param name="pid">PID of its first process.</param>
    /// <param name="conmonPid">PID of its conmon.</param>
    public void SaveAsRunning(int pid, int conmonPid) => Save(State with
    {
        Status = ContainerStatus.Running,
        Pid = pid,
        // Without a start time the process has ended already: the next command records that.
        PidStartTime = PidFd.StartTime(pid) ?? 0,
        ConmonPid = conmonPid,
        ConmonStartTime = PidFd.StartTime(conmonPid) ?? 0,
        StartedAt = DateTimeOffset.UtcNow,
        FinishedAt = null,
        ExitCode = 0,
        OomKilled = false,
        Error = null,
    });

    /// <summary>Saves all of the container, except ID and name.</summary>
    public void Save(Container container, bool durable = false)
    {
        Engine.ContainerStore.Save(container, durable);
        Engine.Log.Containers.StatusChanges(Container.Name, Id, State.Status, container.State.Status);
        Container = container;
    }

    /// <summary>Saves the container under another name.</summary>
    /// <exception cref="InUseException">Another container has that name.</exception>
    public void Rename(string name)
    {
        var renamed = Container with { Config = Container.Config with { Name = name } };
        Engine.ContainerStore.Rename(renamed);
        Container = renamed;
    }

    /// <summary>Records an operation, before the verb changes anything, so that recovery finds it if this process dies.</summary>
    public void Begin(string kind, string? data = null)
    {
        Engine.Operations.Begin(Id, kind, data);
        Engine.Log.Containers.OperationBegins(Container.Name, Id, kind);
    }

    /// <summary>Records the step that the operation has reached.</summary>
    public void Step(string step, string? data = null)
    {
        Engine.Operations.Step(Id, step, data);
        Engine.Log.Containers.OperationStep(Container.Name, Id, step);
    }

    /// <summary>Deletes the record of the operation, which is done or undone.</summary>
    /// <param name="durable">
    /// Sync to disk, with all that was recorded of the container before. The last write of a verb, before it reports success, is
    /// such a one.
    /// </param>
    public void End(bool durable = false)
    {
        Engine.Operations.End(Id, durable);
        Engine.Log.Containers.OperationEnds(Container.Name, Id);
    }

    /// <summary>Saves the state that the container's operation has brought about, and ends the operation. Both are on disk then.</summary>
    public void EndAs(ContainerState state)
    {
        Engine.Database.Transaction(() =>
        {
            Engine.ContainerStore.Save(Id, state);
            Engine.Operations.End(Id);
        }, durable: true);
        Engine.Log.Containers.StatusChanges(Container.Name, Id, State.Status, state.Status);
        Engine.Log.Containers.OperationEnds(Container.Name, Id);
        Container = Container with { State = state };
    }

    /// <summary>
    /// Deletes the container's row and its operation's, and those of the volumes that no other container uses; then their files.
    /// </summary>
    /// <param name="volumes">Names of the volumes.</param>
    /// <param name="onlyAnonymous">Whether volumes that have a name of somebody's choice stay.</param>
    public void DeleteWithVolumes(IReadOnlyList<string> volumes, bool onlyAnonymous)
    {
        // Should this process die before the files are gone, the folder has the next command look for them.
        using var bin = volumes.Count > 0 ? StagingFolder.Create(Engine.Layout) : null;
        IReadOnlyList<string> unused = [];
        Engine.Database.Transaction(() =>
        {
            Engine.ContainerStore.Delete(Id);
            Engine.Operations.End(Id);
            unused = Engine.Volumes.DeleteUnused(volumes, onlyAnonymous);
        }, durable: true);
        Engine.Log.Containers.OperationEnds(Container.Name, Id);
        foreach (var volume in unused)
            Engine.Volumes.DiscardFiles(volume, bin!);
        IsRemoved = true;
        Engine.Log.Containers.Removed(Container.Name, Id);
    }

    public void Dispose()
    {
        if (IsRemoved)
            _held.Remove();
        _held.Dispose();
    }
}
