using System.Globalization;
using Stasis.EndToEndTests.Interop;

namespace Stasis.EndToEndTests.Engines;

/// <summary>A container that counts, and ends with exit code 7 when it is asked to.</summary>
internal static class Counter
{
    /// <summary>Its program, for a shell.</summary>
    public const string Program =
        "[ ! -d /data ] || echo here >/data/datum; "
        + "i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done & trap 'exit 7' TERM; while :; do sleep 0.1; done";

    /// <summary>Runs it under Podman or Stasis, and makes a checkpoint when it has counted to more than three.</summary>
    /// <param name="side">The engine.</param>
    /// <param name="name">The container's name; it is removed.</param>
    /// <param name="checkpoint">Options of the checkpoint that say where it goes.</param>
    /// <param name="run">Further options of the container.</param>
    public static async Task CheckpointAsync(Side side, string name, string[] checkpoint, params string[] run)
    {
        try
        {
            await side.OkAsync(["run", "-d", "--name", name, "--hostname", "before", .. run, EngineDaemons.Image, "sh", "-c", Program]);
            await Eventually.GetAsync(() => side.OkAsync("logs", name), log => Read(log) is [.., > 3]);
            await side.OkAsync(["container", "checkpoint", .. checkpoint, name]);
        }
        finally
        {
            await side.RunAsync("rm", "-f", "-t", "0", name);
        }
    }

    /// <summary>
    /// Runs it under another engine, and has Stasis make a checkpoint from the side when it has counted to more than three.
    /// </summary>
    /// <param name="engine">Runs the container.</param>
    /// <param name="stasis">Makes the checkpoint.</param>
    /// <param name="checkpoint">Engine, name and options of the checkpoint.</param>
    public static async Task CheckpointFromSideAsync(RestoringEngine engine, Side stasis, params string[] checkpoint)
    {
        await engine.StartAsync("sh", "-c", Program);
        await CountsBeyondAsync(engine, 3);
        await stasis.OkAsync(["container", "checkpoint", "--engine", .. checkpoint]);
    }

    /// <summary>Waits until it has counted beyond a number.</summary>
    public static Task CountsBeyondAsync(RestoringEngine engine, int number) =>
        Eventually.GetAsync(engine.LogsAsync, log => Read(log) is [.., var last] && last > number);

    /// <summary>The numbers that it has printed; 0 for a line that is none.</summary>
    public static List<int> Read(string log) =>
    [
        .. log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0),
    ];
}
