using Stasis.Engine.Errors;
using Stasis.Engine.Logging;
using Stasis.Linux;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Network;

/// <summary>
/// Keeps packets from a network namespace while its connections are on their way into a checkpoint or out of one: what
/// the kernel acknowledged after the dump would be lost, and what came before the sockets are restored would be
/// answered with a reset. CRIU's own lock ends with its dump, and does not begin before its restore.
/// </summary>
internal static class NetworkPacketBlock
{
    private const string Table = "inet stasis_hold";
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    /// <summary>From now on nothing but the loopback passes.</summary>
    /// <exception cref="StasisException">nft isn't there, or failed.</exception>
    public static Task BlockAsync(string netns, EngineLog log, CancellationToken cancellation) => NftAsync(netns, string.Concat(
        $"add table {Table}; ", Chain("input", "iif"), Chain("output", "oif")), log, cancellation);

    /// <summary>Ends it. Nothing where there is none.</summary>
    public static Task ReleaseAsync(string netns, EngineLog log) =>
        NftAsync(netns, $"add table {Table}; delete table {Table}", log, CancellationToken.None);

    private static string Chain(string hook, string device) =>
        $"add chain {Table} {hook} {{ type filter hook {hook} priority -400; policy drop; }}; add rule {Table} {hook} {device} lo accept; ";

    private static async Task NftAsync(string netns, string commands, EngineLog log, CancellationToken cancellation)
    {
        ProgramResult result;
        try
        {
            var nft = new SpawnOptions { Program = "nsenter", Arguments = [$"--net={netns}", "nft", commands] };
            result = await log.Programs.RunAsync(nft, TimeLimit, cancellation);
        }
        catch (LinuxException e)
        {
            throw new StasisException($"holding the network still: {e.Message}", e);
        }
        if (result.ExitCode == 0)
            return;
        throw new StasisException($"holding the network still: nft: {result.Error.Trim()}")
        {
            Remedy = "install nftables; established connections can't be kept without it",
        };
    }
}
