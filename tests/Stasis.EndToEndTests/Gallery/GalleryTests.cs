using Stasis.EndToEndTests.Compatibility;
using Stasis.EndToEndTests.Harness;
using Stasis.EndToEndTests.Interop;
using Xunit;

namespace Stasis.EndToEndTests.Gallery;

/// <summary>
/// Each program is checkpointed under load and goes on, again and again: the original after <c>-R</c>, restores under other names, clones,
/// and restores under its own name.
/// </summary>
public sealed class GalleryTests : IAsyncLifetime
{
    private static readonly int Checkpoints = LongForm.IsAsked ? 10 : 3;
    private static readonly string[] Names = LongForm.IsAsked ? ["first", "second", "third"] : ["first"];
    private static readonly int Clones = LongForm.IsAsked ? 4 : 2;

    private readonly StasisHost _host = new();
    private readonly Side _side;

    public GalleryTests() => _side = new Side(isPodman: false, arguments => _host.Command([], arguments));

    public static TheoryData<string> Programs =>
        [.. GalleryCatalog.All.Where(program => LongForm.IsAsked || program.IsInShortForm).Select(program => program.Name)];

    private string Archive => _host.PathOf("archive.tar");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Goes_on(string name)
    {
        var program = GalleryCatalog.All.Single(program => program.Name == name);
        using var probe = program.CreateProbe();
        await _host.OkAsync("image", "import", await TestImages.UnpackedAsync(program.Image, [.. program.Libraries]), program.Image);
        await _host.OkAsync(
            ["run", "-d", "--name", name, .. Words(program.RunOptions), program.Image, "sh", "-c", program.Script]);
        await probe.BeginAsync(Running(name));
        var count = await CheckpointAndLeaveRunningAsync(program, probe);
        await RestoreUnderOtherNamesAsync(program, probe, count);
        await CloneAsync(program, probe);
        await RestoreUnderItsNameAsync(program, probe);
        await RestoreUnderItsNameAsync(program, probe);
        await probe.GoesOnAsync(Running(name));
    }

    // Returns the count at the last checkpoint.
    private async Task<long> CheckpointAndLeaveRunningAsync(GalleryProgram program, Probe probe)
    {
        var count = 0L;
        for (var i = 0; i < Checkpoints; i++)
        {
            count = await probe.NoteAsync(Running(program.Name));
            await CheckpointAsync(program, "-R");
            await ExpectAsync(program, probe, program.Name, count);
        }
        return count;
    }

    private async Task RestoreUnderOtherNamesAsync(GalleryProgram program, Probe probe, long count)
    {
        foreach (var name in Names)
        {
            await _host.OkAsync("container", "restore", "-i", Archive, "-n", name);
            await ExpectAsync(program, probe, name, count);
            await _host.OkAsync("rm", "-f", "-t", "0", name);
        }
    }

    private async Task CloneAsync(GalleryProgram program, Probe probe)
    {
        var count = await probe.NoteAsync(Running(program.Name));
        string[] names = [.. Enumerable.Range(1, Clones).Select(number => $"clone-{number}")];
        await _host.OkAsync(
            ["clone", program.Name, .. names.SelectMany(name => (string[])["--name", name]), .. Words(program.CheckpointOptions)]);
        foreach (var name in names)
            await ExpectAsync(program, probe, name, count);
        await _host.OkAsync(["rm", "-f", "-t", "0", .. names]);
    }

    private async Task RestoreUnderItsNameAsync(GalleryProgram program, Probe probe)
    {
        var count = await probe.NoteAsync(Running(program.Name));
        await CheckpointAsync(program);
        await _host.OkAsync("rm", "-f", program.Name);
        await _host.OkAsync("volume", "prune", "-f");
        await _host.OkAsync("container", "restore", "-i", Archive);
        await ExpectAsync(program, probe, program.Name, count);
    }

    private Task<string> CheckpointAsync(GalleryProgram program, params string[] options) => _host.OkAsync(
        ["container", "checkpoint", "-c", "none", "-e", Archive, .. options, .. Words(program.CheckpointOptions), program.Name]);

    private async Task ExpectAsync(GalleryProgram program, Probe probe, string container, long count)
    {
        if (program.IsSlow)
            await probe.IsThereAsync(Running(container), count);
        else
            await probe.GoesOnAsync(Running(container), count);
    }

    private RunningProgram Running(string container) => new(_side, _host, container);

    private static string[] Words(string options) => options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
