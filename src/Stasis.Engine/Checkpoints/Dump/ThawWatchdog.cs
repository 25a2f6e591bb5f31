using Stasis.Engine.Common;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// Thaws the container if this process dies: a <c>stasis</c> command is run then, and each command begins by recovering what a killed
/// process left half-done. Without a shell on the host, the next command recovers it.
/// </summary>
internal static class ThawWatchdog
{
    // A dying process can close the pipe before it releases the container's lock, without which the command leaves the container to its
    // owner. So the command is run twice.
    private const string Script = """read -r _ || { "$@"; sleep 1; exec "$@"; }""";

    /// <summary>Begins to watch this process, until the returned object is disposed.</summary>
    public static DeathWatchdog Start(StasisEngine engine, string container) =>
        DeathWatchdog.Start(engine.Log.Programs.Start, Script, engine.Command.Line("container", "exists", container));
}
