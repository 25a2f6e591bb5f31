namespace Stasis.Engine.Oci;

/// <summary>What a runtime is asked for with a dump.</summary>
/// <param name="Images">Folder for CRIU's images.</param>
/// <param name="Work">Folder for its log and statistics.</param>
internal sealed record DumpRequest(string Images, string Work)
{
    /// <summary>The processes live on.</summary>
    public bool LeaveRunning { get; init; }

    /// <summary>CRIU must hold the network still. It needn't otherwise, and doesn't where it is new enough to be told so.</summary>
    public bool LockNetwork { get; init; } = true;

    /// <summary>Freezes the processes. Done as late as the runtime allows; null if they aren't to be.</summary>
    public Func<Task>? Freeze { get; init; }

    /// <summary>CRIU reads the container's own configuration file.</summary>
    public bool HasConfig { get; init; }

    /// <summary>The runtime's other arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}
