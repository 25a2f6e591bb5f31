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
    public IReadOnlyList<Container> List() => throw new NotImplementedException();

    /// <summary>By full name, ID or unique ID prefix.</summary>
    public Container Get(string nameOrId) => throw new NotImplementedException(nameOrId);

    /// <summary>The container that was created last.</summary>
    public Container Latest() => throw new NotImplementedException();

    /// <summary>Creates a container of an image.</summary>
    public Task<Container> CreateAsync(CreateOptions options, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Starts it.</summary>
    public Task<Container> StartAsync(string nameOrId, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Sends its stop signal, and SIGKILL after <paramref name="timeout"/> (its own by default).</summary>
    public Task<Container> StopAsync(string nameOrId, TimeSpan? timeout, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Sends a signal to its first process.</summary>
    public Task KillAsync(string nameOrId, int signal, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Stops and starts.</summary>
    public Task<Container> RestartAsync(string nameOrId, TimeSpan? timeout, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Freezes its processes.</summary>
    public Task PauseAsync(string nameOrId, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Lets them run again.</summary>
    public Task UnpauseAsync(string nameOrId, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Removes it, with the anonymous volumes made for it; kills it first if <paramref name="force"/>.</summary>
    public Task RemoveAsync(string nameOrId, bool force, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Gives it another name.</summary>
    public Task RenameAsync(string nameOrId, string newName, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Waits for it to end and gives its exit code.</summary>
    public Task<int> WaitAsync(string nameOrId, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Its output.</summary>
    public IAsyncEnumerable<LogLine> LogsAsync(string nameOrId, LogOptions options, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Its processes, as ps(1) prints them: a header line and a line each. <paramref name="descriptors"/> are ps format names.</summary>
    public Task<IReadOnlyList<string>> TopAsync(string nameOrId, IReadOnlyList<string> descriptors, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Records how it ended and undoes its mounts: conmon's exit command. Harmless when there is nothing to do.</summary>
    public Task CleanupAsync(string id, CancellationToken cancellation) => throw new NotImplementedException();
}
