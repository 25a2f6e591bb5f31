using Stasis.Linux.Processes;

namespace Stasis.Engine.Criu;

/// <summary>
/// What CRIU has learnt of the kernel (criu/kerndat.c). CRIU keeps it in a file, if /run is a tmpfs; without the file, each run takes some
/// 70 ms more, and tries out what a jail doesn't have.
/// </summary>
internal static class CriuKernelData
{
    /// <summary>The file.</summary>
    public const string Path = "/run/criu.kdat";

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    /// <summary>Has CRIU write the file, if it isn't there.</summary>
    public static async Task EnsureAsync(string criu, CancellationToken cancellation)
    {
        if (File.Exists(Path))
            return;
        // Its exit code doesn't count: it tells of features that a restore may not need.
        await Spawn.RunAsync(new SpawnOptions { Program = criu, Arguments = ["check"], WorkingDirectory = "/" }, TimeLimit, cancellation);
    }
}
