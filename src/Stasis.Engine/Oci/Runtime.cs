namespace Stasis.Engine.Oci;

/// <summary>
/// An OCI runtime (runc, crun), driven by its verbs alone. Runtime state lives under <c>--root</c> <see cref="Storage.Layout.RuntimeState"/>. Every failure is a
/// <see cref="StasisException"/> with the runtime's own words (its JSON log), and CRIU's error lines where it ran CRIU.
/// </summary>
internal sealed class Runtime
{
    /// <summary>Finds the runtime by name or path, and the CRIU that it is to find first on its PATH ($STASIS_CRIU, then /usr/local/lib/stasis/bin, then PATH).</summary>
    public static Runtime Find(Storage.Layout layout, string nameOrPath) => throw new NotImplementedException();

    public string Path => throw new NotImplementedException();
    /// <summary>Arguments before the verb: --root, --log, --log-format.</summary>
    public IReadOnlyList<string> GlobalArguments => throw new NotImplementedException();
    /// <summary>The environment that runtime and conmon run in: the caller's, with CRIU's folder first on PATH.</summary>
    public IReadOnlyList<string> Environment => throw new NotImplementedException();

    public Task StartAsync(string id, CancellationToken cancellation) => throw new NotImplementedException();
    public Task KillAsync(string id, int signal, bool all, CancellationToken cancellation) => throw new NotImplementedException();
    public Task PauseAsync(string id, CancellationToken cancellation) => throw new NotImplementedException();
    public Task ResumeAsync(string id, CancellationToken cancellation) => throw new NotImplementedException();
    /// <summary>Forgets the container and removes its cgroups; <paramref name="force"/> kills what runs. Nothing if it doesn't know it.</summary>
    public Task DeleteAsync(string id, bool force, CancellationToken cancellation) => throw new NotImplementedException();
    /// <summary>"creating", "created", "running", "paused", "stopped", or null if the runtime doesn't know it. PID 0 if none.</summary>
    public Task<(string Status, int Pid)?> StateAsync(string id, CancellationToken cancellation) => throw new NotImplementedException();
    /// <summary>Runs CRIU's dump. With <paramref name="leaveRunning"/> the processes live on, and stay paused if they were.</summary>
    public Task CheckpointAsync(string id, string imagePath, string workPath, bool leaveRunning, IReadOnlyList<string> arguments, CancellationToken cancellation) => throw new NotImplementedException();
}
