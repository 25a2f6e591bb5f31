using System.Diagnostics;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Faults.PowerCut;

/// <summary>
/// The power is cut at random moments of every command, and just after it: what it had reported is there at the next boot and whole, what
/// it had not is whole or not there, and the commands after it work.
/// </summary>
public sealed class PowerCutTests(PowerCutTests.Disks disks) : IClassFixture<PowerCutTests.Disks>
{
    private static readonly int Cuts = LongForm.IsAsked ? 12 : 2;

    public static TheoryData<string, string> Verbs
    {
        get
        {
            var verbs = new TheoryData<string, string>();
            foreach (var fileSystem in (string[])["ext4", "xfs"])
            {
                foreach (var verb in CutVerbs.Names)
                    verbs.Add(fileSystem, verb);
            }
            return verbs;
        }
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Cut(string fileSystem, string verb)
    {
        var disk = await disks.GetAsync(fileSystem);
        Assert.SkipWhen(disk is null, $"mkfs.{fileSystem} or the kernel's {fileSystem} is missing");
        // How long it takes here; the power is cut as soon as it is done.
        var length = await CutAsync(disk, verb, null);
        for (var cut = 0; cut < Cuts; cut++)
            await CutAsync(disk, verb, length * Random.Shared.NextDouble());
    }

    // Returns how long the command took.
    private static async Task<TimeSpan> CutAsync(Machine disk, string name, TimeSpan? after)
    {
        await using var machine = await Machine.CopyAsync(disk);
        var verb = CutVerbs.Make(name, machine);
        await machine.BootAsync();
        await verb.Prepare(machine);
        var begun = Stopwatch.GetTimestamp();
        using var command = machine.Start(verb.Arguments);
        if (after is { } moment)
            await Task.Delay(moment, TestContext.Current.CancellationToken);
        else
            await Eventually.EndsAsync(command.WaitAsync(TestContext.Current.CancellationToken));
        var length = Stopwatch.GetElapsedTime(begun);
        // What a command reports after the cut doesn't count: fsync(2) of a folder of an xfs that has been shut down says that all is well.
        var hasEnded = command.TryWait(TimeSpan.Zero);
        await machine.CutPowerAsync();
        var exitCode = await command.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(after is not null || exitCode == 0, $"{verb}: exit code {exitCode}");
        TestContext.Current.TestOutputHelper?.WriteLine($"cut after {length.TotalMilliseconds:0} ms: exit code {exitCode}");

        await machine.BootAsync();
        await verb.CheckAsync(machine, isReported: hasEnded && exitCode == 0);
        await CutVerbs.RemoveAllAsync(machine);
        return length;
    }

    /// <summary>A machine for each file system, switched off, whose disk has what the verbs work on.</summary>
    public sealed class Disks : IAsyncDisposable
    {
        private readonly Dictionary<string, Machine?> _byFileSystem = [];

        /// <summary>The machine; null if the file system isn't there.</summary>
        public async Task<Machine?> GetAsync(string fileSystem)
        {
            if (_byFileSystem.TryGetValue(fileSystem, out var made))
                return made;
            if (!Machine.Has(fileSystem))
                return _byFileSystem[fileSystem] = null;
            var machine = await Machine.CreateAsync(fileSystem);
            try
            {
                await machine.BootAsync();
                await CutVerbs.MakeDiskAsync(machine, await TestImages.RootfsAsync());
                await machine.SwitchOffAsync();
                return _byFileSystem[fileSystem] = machine;
            }
            catch
            {
                await machine.DisposeAsync();
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var machine in _byFileSystem.Values.OfType<Machine>())
                await machine.DisposeAsync();
            if (_byFileSystem.Values.Any(machine => machine is not null))
                Machine.RemoveMountPoints();
        }
    }
}
