using Stasis.Engine.Common;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// Thaws the container if this process dies: a <c>stasis</c> command is run then, and each command begins by recovering what a killed
/// process left half-done. Without a shell on the host, the next command recovers it.
/// </summary>
internal static class ThawWatchdog
{
    // A dying process can close the pipe before it releases the container's lock, without which the command leaves the container to its
    // owner. So the command is run twice: unless another has recovered the container by then, and removed the root with it (the first
    // argument is the root's database), which the command would make again.
    private const string Script =
        """read -r _ || { database=$1; shift; [ ! -e "$database" ] || "$@"; sleep 1; [ ! -e "$database" ] || exec "$@"; }""";

    /// <summary>Begins to watch this process, until the returned object is disposed.</summary>
    public static DeathWatchdog Start(StasisEngine engine, string container) =>
        DeathWatchdog.Start(
            engine.Log.Programs.Start, Script, [engine.Layout.Database, .. engine.Command.Line("container", "exists", container)]);
}
