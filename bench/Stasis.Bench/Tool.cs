namespace Stasis.Bench;

/// <summary>One of the two that are compared: how it is called, and what calling it costs that is not its own.</summary>
internal sealed class Tool
{
    private readonly string[] _prefix;

    private Tool(string name, params string[] prefix) => (Name, _prefix) = (name, prefix);

    public string Name { get; }

    /// <summary>
    /// What is to be taken off each of its times, in milliseconds: entering the peer, which nobody who has Podman needs to do.
    /// </summary>
    public double Overhead { get; private set; }

    /// <summary>What starting any program costs, measured in the same way: that of `true`, in milliseconds.</summary>
    public double Floor { get; private set; }

    public static Tool Stasis(Options options) => new("stasis", options.StasisBinary);

    public static Tool Podman(Options options) => new("podman", options.PeerRun, "podman");

    public static Tool Docker(Options options, string socket) => new("docker", options.PeerRun, "docker", "--host", "unix://" + socket);

    /// <summary>Runs a verb and returns how long the whole command took, less the overhead, and its output.</summary>
    public async Task<Command> RunAsync(params string[] verb)
    {
        var command = await Command.RunAsync([.. _prefix, .. verb]);
        return command with { Milliseconds = command.Milliseconds - Overhead };
    }

    /// <summary>Measures what entering the peer costs: the same program, inside and outside.</summary>
    public async Task MeasureOverheadAsync(int runs)
    {
        if (_prefix is not [var enter, "podman"])
            return;
        List<double> inside = [], outside = [];
        for (var i = 0; i <= runs; i++)
        {
            inside.Add((await Command.RunAsync([enter, "true"])).Milliseconds);
            outside.Add((await Command.RunAsync(["true"])).Milliseconds);
        }
        Floor = Samples.Median(outside.Skip(1));
        Overhead = Math.Max(0, Samples.Median(inside.Skip(1)) - Floor);
    }

    /// <summary>
    /// Has Stasis forget what it has unpacked, so that the next restore is the first of its archive. Podman keeps nothing.
    /// </summary>
    public async Task ForgetCheckpointsAsync()
    {
        // One whose memory is still being read from its archive stays until that is done, in a second or two.
        for (var left = 250; left > 0; left--)
        {
            await RunAsync("checkpoint", "prune", "--force");
            if ((await RunAsync("checkpoint", "ls", "--quiet")).Output.Trim().Length == 0)
                return;
            await Task.Delay(20);
        }
    }

    /// <summary>Removes containers, whatever they are doing; ones that don't exist are no error.</summary>
    public async Task RemoveAsync(params string[] names) =>
        await RunAsync(["rm", "--force", .. Name == "docker" ? [] : (string[])["--time", "0"], .. names]);
}
