using Stasis.Engine.Containers;
using Stasis.Engine.Criu;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// All of CRIU's options for a dump. Those that the runtime has a flag for are flags of its checkpoint verb (runc-checkpoint(8));
/// the others are lines of CRIU's configuration file (<see cref="CriuConfig"/>).
/// </summary>
internal static class CriuDumpOptions
{
    // Connections that no program has accepted yet are left out: their clients are told so, and try again. CRIU would give up on them.
    // Files that were deleted and are still open are kept up to the largest size that CRIU takes (an unsigned int), not 1 MiB.
    // Those that have another name get one more, which the images name (LinkRemapNames).
    private static readonly string[] Always = ["skip-in-flight", "ghost-limit 4294967295", "link-remap"];

    /// <summary>Flags of the runtime's checkpoint verb, beside folders and ID.</summary>
    public static IReadOnlyList<string> GetFlags(CheckpointOptions options)
    {
        // The processes are ended after the checkpoint is safe, never by CRIU.
        var flags = new List<string> { options.PreCheckpoint ? "--pre-dump" : "--leave-running", "--file-locks" };
        if (options.TcpEstablished)
            flags.Add("--tcp-established");
        // Relative to the images: runc takes no other.
        if (options.WithPrevious)
            flags.AddRange(["--parent-path", PreCheckpoint.Parent]);
        return flags;
    }

    /// <summary>Lines of CRIU's configuration file that have CRIU find watched files. The search takes time in a large root.</summary>
    public static IEnumerable<string> GetWatchedPaths(LockedContainer locked) =>
        OverlayWatches.FindPaths(locked.Container, locked.Paths.Merged).Select(path => $"irmap-scan-path {path}");

    /// <summary>Lines of CRIU's configuration file that have CRIU leave mounts of the host's alone. The runtime names the spec's.</summary>
    public static IEnumerable<string> GetHostMounts(IReadOnlyList<OciMount> nested) =>
        nested.Select(mount => $"external mnt[{mount.Destination}]:{mount.Destination}");

    /// <summary>Lines of CRIU's configuration file, beside those of the other methods.</summary>
    /// <param name="options">Options of the checkpoint.</param>
    /// <param name="locked">The container.</param>
    /// <param name="cancellation">Stops asking CRIU for its version.</param>
    public static async Task<IReadOnlyList<string>> GetConfigAsync(
        CheckpointOptions options, LockedContainer locked, CancellationToken cancellation)
    {
        // CRIU's network lock is for connections, to which something could come between two looks at them. It costs seven runs of
        // iptables at the dump and five at each restore, since the images say how the network was locked. On the host's network
        // CRIU locks single connections, of which there are none.
        if (options.TcpEstablished || !locked.Container.Config.CreateNetNs)
            return Always;
        var version = await CriuVersion.GetAsync(locked.Runtime.RequireCriu(), locked.Engine.Layout, cancellation);
        return version >= CriuVersion.LockSkip ? [.. Always, "network-lock skip"] : Always;
    }
}
