using System.Diagnostics;

namespace Stasis.Bench;

/// <summary>
/// The time from a command to a program's first answer over the network: of a start from cold, of a restore under a new name from an
/// archive that was made when the program was warm, and of a clone. Beside each the part that is the command's own.
/// </summary>
internal sealed class WarmStart : Scenario
{
    private const string Image = "localhost/stasis-bench:";
    private const string Original = "bench-warm", Copy = "bench-warm-copy";

    public override string Name => "warm";

    public override async Task<IReadOnlyList<Samples>> MeasureAsync(Options options, Tool stasis, Tool podman)
    {
        var all = new List<Samples>();
        foreach (var program in WarmProgram.All)
        {
            await stasis.RunAsync("image", "import", Path.Combine(options.ProgramRootfs, program.Rootfs + ".tar"), Image + program.Rootfs);
            var samples = new ProgramSamples(program.Title);
            for (var turn = 0; turn <= options.Runs; turn++)
                await MeasureAsync(options, stasis, program, samples);
            all.AddRange(samples.All);
            await stasis.RunAsync("rmi", Image + program.Rootfs);
        }
        all.ForEach(s => s.DropWarmUp());
        return all;
    }

    protected override Task PrepareAsync(Options options, Tool tool) => Task.CompletedTask;

    protected override Task RunAsync(Options options, Tool tool, Action<string, Command> record) => Task.CompletedTask;

    private static async Task MeasureAsync(Options options, Tool stasis, WarmProgram program, ProgramSamples samples)
    {
        var archive = Path.Combine(options.Work, "warm.tar");
        var cold = await TimeAsync(
            stasis, program, Original,
            ["run", "-d", "--name", Original, .. program.RunOptions, Image + program.Rootfs, "sh", "-c", program.Script]);
        for (var request = 0; request < program.WarmingRequests; request++)
            await program.AskAsync(await AddressAsync(stasis, Original));
        var clone = await TimeAsync(stasis, program, Copy, ["clone", Original, "--name", Copy]);
        await stasis.RemoveAsync(Copy);
        await stasis.RunAsync("container", "checkpoint", "--compress", "none", "--export", archive, Original);
        await stasis.RemoveAsync(Original);
        await stasis.ForgetCheckpointsAsync();
        var restore = await TimeAsync(stasis, program, Copy, ["container", "restore", "--import", archive, "--name", Copy]);
        await stasis.RemoveAsync(Copy);
        await stasis.ForgetCheckpointsAsync();
        File.Delete(archive);
        samples.Add(cold, restore, clone);
    }

    private static async Task<Time> TimeAsync(Tool stasis, WarmProgram program, string container, string[] verb)
    {
        var begun = Stopwatch.GetTimestamp();
        var command = await stasis.RunAsync(verb);
        await program.AskAsync(await AddressAsync(stasis, container));
        return new Time(command.Milliseconds, Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
    }

    private static async Task<string> AddressAsync(Tool stasis, string container) =>
        (await stasis.RunAsync("inspect", "--format", "{{.NetworkSettings.IPAddress}}", container)).Output.Trim();

    private readonly record struct Time(double Command, double Answer);

    private sealed class ProgramSamples(string title)
    {
        private readonly Samples _restore = new($"{title}: first answer after `restore --name`, beside a cold start", peer: "cold");
        private readonly Samples _restoreCommand = new($"{title}: of this the command", peer: "cold");
        private readonly Samples _clone = new($"{title}: first answer after `clone`, beside a cold start", peer: "cold");
        private readonly Samples _cloneCommand = new($"{title}: of this the command ", peer: "cold");

        public IEnumerable<Samples> All => [_restore, _restoreCommand, _clone, _cloneCommand];

        public void Add(Time cold, Time restore, Time clone)
        {
            Add(_restore, cold, restore.Answer);
            Add(_restoreCommand, cold, restore.Command);
            Add(_clone, cold, clone.Answer);
            Add(_cloneCommand, cold, clone.Command);
        }

        private static void Add(Samples samples, Time cold, double time)
        {
            samples.Add("cold", cold.Answer);
            samples.Add("stasis", time);
        }
    }
}
