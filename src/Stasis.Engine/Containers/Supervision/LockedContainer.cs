using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>A container whose lock this process holds until it is disposed: nobody else changes it, and what is recorded here is how it is.</summary>
internal sealed class LockedContainer : IDisposable
{
    private readonly FileLock _held;

    internal LockedContainer(StasisEngine engine, Container container, FileLock held)
    {
        (Engine, Container, _held) = (engine, container, held);
        Paths = engine.Layout.Container(container.Id);
    }

    public StasisEngine Engine { get; }

    public Container Container { get; private set; }

    public ContainerState State => Container.State;

    public string Id => Container.Id;

    public ContainerLayout Paths { get; }

    /// <summary>It was removed under this lock.</summary>
    public bool IsRemoved { get; private set; }

    public string RuntimeName => Container.Config.OciRuntime ?? Engine.Options.Runtime;

    /// <exception cref="StasisException">It isn't there (any more).</exception>
    public Runtime Runtime => field ??= Runtime.Find(Engine.Layout, RuntimeName, log: Engine.Log);

    /// <summary>Records its state. <paramref name="durable"/>: it outlives a power failure.</summary>
    public void Save(ContainerState state, bool durable = false)
    {
        Engine.ContainerStore.Save(Id, state, durable);
        Engine.Log.Containers.StatusChanges(Container, state);
        Container = Container with { State = state };
    }

    /// <summary>Records all of it anew; ID and name stay.</summary>
    public void Save(Container container, bool durable = false)
    {
        Engine.ContainerStore.Save(container, durable);
        Engine.Log.Containers.StatusChanges(Container, container.State);
        Container = container;
    }

    public void Rename(string name)
    {
        var renamed = Container with { Config = Container.Config with { Name = name } };
        Engine.ContainerStore.Rename(renamed);
        Container = renamed;
    }

    /// <summary>Writes down what is about to be done, before anything is touched.</summary>
    public void Begin(string kind, string? data = null)
    {
        Engine.Operations.Begin(Id, kind, data);
        Engine.Log.Containers.OperationBegins(Container, kind);
    }

    /// <summary>Writes down how far it has come.</summary>
    public void Step(string step, string? data = null)
    {
        Engine.Operations.Step(Id, step, data);
        Engine.Log.Containers.OperationStep(Container, step);
    }

    /// <summary>It is done, or undone.</summary>
    public void End()
    {
        Engine.Operations.End(Id);
        Engine.Log.Containers.OperationEnds(Container);
    }

    /// <summary>Takes its row away, with the operation's.</summary>
    public void Delete()
    {
        Engine.Database.Transaction(() =>
        {
            Engine.ContainerStore.Delete(Id);
            End();
        }, durable: true);
        IsRemoved = true;
        Engine.Log.Containers.Removed(Container);
    }

    public void Dispose()
    {
        if (IsRemoved)
            _held.Remove();
        _held.Dispose();
    }
}
