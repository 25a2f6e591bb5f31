using System.Text.Json.Nodes;

namespace Stasis.Bench;

/// <summary>
/// What stasis-runtime costs a container without a checkpoint: create, start and delete, beside the runtime that it hands them to.
/// </summary>
internal sealed class PassThrough : Scenario
{
    public const string What = "stasis-runtime: `create`, `start`, `delete` without a checkpoint";
    private const string Runc = "runc", Container = "bench-pass-through";

    public override string Name => "runtime";

    public override async Task<IReadOnlyList<Samples>> MeasureAsync(Options options, Tool stasis, Tool podman)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Work, "runtime")).FullName;
        var runtime = Path.Combine(folder, "stasis-runtime");
        File.CreateSymbolicLink(runtime, options.StasisBinary);
        await MakeBundleAsync(options, folder);
        var samples = new Samples(What, peer: Runc);
        // They take a tenth of the time that others take, and so need more of them.
        for (var turn = 0; turn <= options.Runs * 10; turn++)
        {
            samples.Add(Runc, await TimeAsync(Runc, folder));
            samples.Add("stasis", await TimeAsync(runtime, folder));
        }
        samples.DropWarmUp();
        Directory.Delete(folder, recursive: true);
        return [samples];
    }

    protected override Task PrepareAsync(Options options, Tool tool) => Task.CompletedTask;

    protected override Task RunAsync(Options options, Tool tool, Action<string, Command> record) => Task.CompletedTask;

    private static async Task MakeBundleAsync(Options options, string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "rootfs"));
        await Command.RunAsync(["tar", "-C", Path.Combine(folder, "rootfs"), "-xf", options.Rootfs]);
        await Command.RunAsync([Runc, "spec", "--bundle", folder]);
        var file = Path.Combine(folder, "config.json");
        var spec = JsonNode.Parse(await File.ReadAllBytesAsync(file))!;
        spec["process"]!["terminal"] = false;
        spec["process"]!["args"] = new JsonArray("true");
        await File.WriteAllTextAsync(file, spec.ToJsonString());
    }

    private static async Task<double> TimeAsync(string runtime, string bundle)
    {
        var script = $"{runtime} create --bundle {bundle} {Container} </dev/null >/dev/null 2>&1 && {runtime} start {Container} "
            + $"&& {runtime} delete --force {Container}";
        return (await Command.RunAsync(["sh", "-c", script])).Milliseconds;
    }
}
