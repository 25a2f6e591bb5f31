namespace Stasis.EndToEndTests.Engines;

/// <summary>An engine that restores a checkpoint by running a container with stasis-runtime.</summary>
/// <param name="daemons">The engines' daemons.</param>
/// <param name="name">The container's name.</param>
public abstract class RestoringEngine(EngineDaemons daemons, string name)
{
    /// <summary>The hostname that a container gets where the engine can give it one.</summary>
    public const string Hostname = "after";

    protected EngineDaemons Daemons => daemons;

    protected string Name => name;

    /// <summary>The container's hostname; null for that of the checkpoint.</summary>
    public virtual string? ExpectedHostname => Hostname;

    /// <summary>Whether the container has an address of the engine's network.</summary>
    public virtual bool HasAddress => true;

    /// <summary>Runs the container.</summary>
    /// <param name="archive">The checkpoint's archive.</param>
    /// <returns>The container's ID.</returns>
    public abstract Task<string> RestoreAsync(string archive);

    /// <summary>Runs a command with the engine's own runtime, without a checkpoint.</summary>
    public abstract Task StartAsync(params string[] command);

    /// <summary>What the container has printed.</summary>
    public abstract Task<string> LogsAsync();

    /// <summary>What a shell in the container prints, trimmed.</summary>
    public abstract Task<string> ShellAsync(string script);

    /// <summary>Pauses the container and lets it go on, if the engine can.</summary>
    public abstract Task PauseAsync();

    /// <summary>Stops the container with SIGTERM.</summary>
    /// <returns>Its exit code.</returns>
    public abstract Task<int> StopAsync();

    /// <summary>Removes the container, and what was made for it, whatever its state; not an error if there is none.</summary>
    public abstract Task RemoveAsync();
}
