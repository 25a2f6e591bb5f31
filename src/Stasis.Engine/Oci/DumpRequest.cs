namespace Stasis.Engine.Oci;

/// <summary>One run of the runtime's checkpoint verb.</summary>
/// <param name="Images">Folder for CRIU's images; exists.</param>
/// <param name="Work">Folder for CRIU's log and statistics; exists.</param>
internal sealed record DumpRequest(string Images, string Work)
{
    /// <summary>Flags of the checkpoint verb (runc-checkpoint(8)), beside the folders.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>Lines of CRIU's configuration file: options that the runtime has no flag for.</summary>
    public IReadOnlyList<string> CriuConfig { get; init; } = [];

    /// <summary>The runtime has CRIU read that file. False where the container's spec names a file of the user's own.</summary>
    public bool ReadsCriuConfig { get; init; }

    /// <summary>Freezes the processes; called as late as the runtime allows. Null leaves them running.</summary>
    public Func<Task>? Freeze { get; init; }
}
