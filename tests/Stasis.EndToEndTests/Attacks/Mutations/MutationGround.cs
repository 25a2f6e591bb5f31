using Stasis.EndToEndTests.Harness;
using Stasis.Tests.Mutations;
using Xunit;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>A real archive of each shape, and a host that has their image and restores what is made of them.</summary>
public sealed class MutationGround : IAsyncLifetime
{
    private const string Image = "busybox";

    private readonly StasisHost _maker = new();
    private StasisHost _host = new();

    internal IReadOnlyList<MutationTarget> Targets { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        await _maker.ImportBusyboxAsync(Image, [.. CheckpointShape.All.Select(shape => shape.Name)]);
        await _maker.OkAsync("save", "-o", _maker.PathOf("image.tar"), Image);
        var targets = new List<MutationTarget>();
        await using var canary = new Canary();
        foreach (var shape in CheckpointShape.All)
            targets.Add(new MutationTarget(shape, HostileArchive.Read(await MakeAsync(shape), canary.Target)));
        Targets = targets;
        await LoadAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _maker.DisposeAsync();
    }

    /// <summary>
    /// Restores a mutation of each, one after another, and removes what has come of it. Returns what has changed on the host after all of
    /// them; if anything has, each is tried again alone, to tell which.
    /// </summary>
    internal async Task<List<string>> TryAsync(MutationTarget target, IReadOnlyList<Mutation?> mutations)
    {
        await using var canary = new Canary { Container = target.Id };
        var before = HostSnapshot.Take(canary);
        var problems = new List<string>();
        foreach (var mutation in mutations)
            problems.AddRange((await RestoreAsync(target, mutation)).Select(problem => $"{target.Shape.Name} {mutation}: {problem}"));
        problems.AddRange((await before.DifferencesAsync()).Select(difference => $"{target.Shape.Name} {mutations[0]}: {difference}"));
        if (problems.Count == 0 || mutations.Count == 1)
            return problems;
        List<string> each = [$"of {mutations.Count} together: {string.Join("; ", problems)}"];
        foreach (var mutation in mutations)
            each.AddRange(await TryAsync(target, [mutation]));
        return each;
    }

    private async Task<List<string>> RestoreAsync(MutationTarget target, Mutation? mutation)
    {
        var archive = _host.PathOf("mutated.tar");
        target.Write(archive, mutation);
        var result = await _host.RunAsync(["container", "restore", "-i", archive, .. target.Shape.Restore]);
        File.Delete(archive);
        AttackReport.Add($"{target.Shape.Name} {mutation}: exit code {result.ExitCode} {LastLine(result.Error)}");
        var problems = new List<string>();
        if (mutation is null && result.ExitCode != 0)
            problems.Add($"as it was, it is not restored: {result.Error}");
        if (result.ExitCode is not (0 or 125) || (result.ExitCode == 125 && !result.Error.Contains("Error: ", StringComparison.Ordinal)))
            problems.Add($"exit code {result.ExitCode}: {result.Error}");
        var failures = await HostCleanUp.RemoveAllAsync(_host, target.Shape.Name);
        if (failures.Count > 0)
        {
            HostCleanUp.Abandon(_host);
            await LoadAsync();
        }
        return [.. problems, .. failures];
    }

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];

    private async Task LoadAsync()
    {
        _host = new StasisHost();
        await _host.OkAsync("load", "-i", _maker.PathOf("image.tar"));
    }

    private async Task<string> MakeAsync(CheckpointShape shape)
    {
        var archive = _maker.PathOf(shape.Name + ".tar");
        await _maker.OkAsync(["run", "-d", "--name", shape.Name, .. shape.Run, Image, $"/bin/{shape.Name}"]);
        Assert.Equal("ready", await Eventually.GetAsync(() => _maker.OkAsync("logs", shape.Name), text => text.Length > 0));
        await _maker.OkAsync(["container", "checkpoint", "-c", "none", "-e", archive, .. shape.Checkpoint, shape.Name]);
        await _maker.OkAsync("rm", "-f", shape.Name);
        return archive;
    }
}
