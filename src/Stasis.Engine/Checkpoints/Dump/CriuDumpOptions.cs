namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>Arguments of the runtime's checkpoint (runc-checkpoint(8)), beside folders and ID.</summary>
internal static class CriuDumpOptions
{
    public static IReadOnlyList<string> Build(CheckpointOptions options)
    {
        var arguments = new List<string>();
        if (options.TcpEstablished)
            arguments.Add("--tcp-established");
        if (options.FileLocks)
            arguments.Add("--file-locks");
        if (options.PreCheckpoint)
            arguments.Add("--pre-dump");
        // Relative to the images: runc takes no other.
        if (options.WithPrevious)
            arguments.AddRange(["--parent-path", PreCheckpoint.Parent]);
        return arguments;
    }
}
