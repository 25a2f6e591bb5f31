namespace Stasis.Bench;

/// <summary>Something that both tools are put through.</summary>
internal abstract class Scenario
{
    public abstract string Name { get; }

    /// <summary>Measures both tools by turns, so that what else the machine does hits both alike; the first turn only warms up.</summary>
    public virtual async Task<IReadOnlyList<Samples>> MeasureAsync(Options options, Tool stasis, Tool podman)
    {
        Tool[] tools = [podman, stasis];
        foreach (var tool in tools)
            await PrepareAsync(options, tool);
        await podman.MeasureOverheadAsync(Math.Max(options.Runs, 5));

        var samples = new List<Samples>();
        for (var turn = 0; turn <= options.Runs; turn++)
        {
            foreach (var tool in tools)
            {
                // What one of them has left to be written to disk isn't written in the other's time.
                await Command.RunAsync(["sync"]);
                await RunAsync(options, tool, (what, command) => Of(samples, what).Add(tool.Name, command.Milliseconds));
            }
        }
        foreach (var tool in tools)
            await CleanUpAsync(options, tool);
        samples.ForEach(s => s.DropWarmUp());
        return samples;
    }

    protected abstract Task PrepareAsync(Options options, Tool tool);

    protected virtual Task CleanUpAsync(Options options, Tool tool) => Task.CompletedTask;

    /// <summary>One turn of one tool; hands each timed command to <paramref name="record"/>.</summary>
    protected abstract Task RunAsync(Options options, Tool tool, Action<string, Command> record);

    private static Samples Of(List<Samples> all, string what)
    {
        var samples = all.Find(s => s.What == what);
        if (samples is null)
            all.Add(samples = new Samples(what));
        return samples;
    }
}
