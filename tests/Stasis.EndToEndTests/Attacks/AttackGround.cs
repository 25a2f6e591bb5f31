using System.Globalization;
using Stasis.EndToEndTests.Harness;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>
/// A real archive that all attacks are made from, a host that has the archive's image but not the container, and how the container looks
/// on that host when nobody has changed the archive.
/// </summary>
public sealed class AttackGround : IAsyncLifetime
{
    private const string Name = "attacked", VolumeName = "vol1";
    private const int MaxSeconds = 12; // of processor time, after which a bomb is killed: its limit is lower
    private static readonly TimeSpan RunsWithin = TimeSpan.FromSeconds(20); // or it has been broken

    private readonly StasisHost _maker = new();
    private readonly Dictionary<string, Ground> _hosts = [];
    private readonly string _usage;
    private string _container = "";

    public AttackGround() => _usage = _maker.PathOf("usage");

    private string Archive => _maker.PathOf("archive.tar");

    public async ValueTask InitializeAsync()
    {
        await _maker.ImportBusyboxAsync("busybox", "attacked");
        await _maker.OkAsync("save", "-o", _maker.PathOf("image.tar"), "busybox");
        await _maker.OkAsync("run", "-d", "--name", Name, "-v", $"{VolumeName}:/vol", "--tmpfs", "/tt", "busybox", "/bin/attacked");
        await Eventually.GetAsync(() => _maker.OkAsync("logs", Name), text => text.Length > 0);
        _container = await _maker.InspectAsync(Name, "{{.ID}}");
        await _maker.OkAsync("container", "checkpoint", "-c", "none", "-e", Archive, Name);
        await _maker.OkAsync("rm", "-f", Name);
        var program = Path.Combine(AppContext.BaseDirectory, "Programs", "usage.c");
        var built = await Spawn.RunAsync(
            new SpawnOptions { Program = "gcc", Arguments = ["-O1", "-o", _usage, program] },
            StasisHost.TimeLimit,
            CancellationToken.None);
        Assert.True(built.ExitCode == 0, built.Error);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var ground in _hosts.Values)
            await ground.Host.DisposeAsync();
        await _maker.DisposeAsync();
    }

    /// <summary>Restores the archive that attacks are made from, so that a test knows that it can be restored at all.</summary>
    internal async Task<Outcome> TryPlainAsync(string program)
    {
        var plain = new Attack { Name = "none", Kind = AttackKind.Mounts, Aim = "none", Make = _ => { } };
        return await TryAsync(plain, program, "");
    }

    /// <summary>Makes an archive, restores it without a flag, and looks at what has come of it.</summary>
    /// <param name="attack">The attack.</param>
    /// <param name="program">The stasis that restores it.</param>
    /// <param name="off">DefenceSwitches that the program is to switch off; none for a production build.</param>
    internal async Task<Outcome> TryAsync(Attack attack, string program, string off)
    {
        var (host, plain, plainOnHost) = await HostAsync(program, off);
        await using var canary = new Canary { Container = _container };
        var archive = host.PathOf(attack.Name + ".tar");
        var hostile = HostileArchive.Read(Archive, canary.Target);
        attack.Make(hostile);
        hostile.Write(archive);

        var before = HostSnapshot.Take(canary);
        var (result, cost) = await RestoreAsync(host, archive, attack.Kind == AttackKind.Bombs);
        File.Delete(archive);
        List<string> onHost = [], inContainer = [];
        if (result.ExitCode == 0)
        {
            inContainer.AddRange(await LookAsync(host, plain));
            onHost.AddRange(await before.DifferencesAsync(Names(host), plainOnHost));
        }
        var failures = await HostCleanUp.RemoveAllAsync(host, Name);
        onHost.AddRange(failures);
        onHost.AddRange(await before.DifferencesAsync());
        if (failures.Count > 0)
        {
            // The container's name and ID stay taken, which the next attack's need.
            _hosts.Remove(program + off);
            HostCleanUp.Abandon(host);
        }
        return new Outcome
        {
            Attack = attack,
            ExitCode = result.ExitCode,
            Message = result.Error.Replace(archive, "ARCHIVE", StringComparison.Ordinal),
            Cost = cost,
            OnHost = [.. onHost.Distinct()],
            InContainer = inContainer,
        };
    }

    // A host for each program and what it switches off: its first restore is of the plain archive. Without the jail, even that shows the
    // host's cgroups.
    private async Task<Ground> HostAsync(string program, string off)
    {
        if (_hosts.TryGetValue(program + off, out var known))
            return known;
        var host = new StasisHost { Program = program, CommandEnvironment = off.Length == 0 ? [] : [$"STASIS_DEFENCES_OFF={off}"] };
        await host.OkAsync("load", "-i", _maker.PathOf("image.tar"));
        await using var canary = new Canary { Container = _container };
        var before = HostSnapshot.Take(canary);
        await host.OkAsync("container", "restore", "-i", Archive);
        var ground = new Ground(host, await TryLookAsync(host), await before.DifferencesAsync(Names(host)));
        Assert.Empty(await HostCleanUp.RemoveAllAsync(host, Name));
        _hosts.Add(program + off, ground);
        return ground;
    }

    // What is named so belongs to the container while it runs.
    private string[] Names(StasisHost host) => [host.Folder, host.RunRoot, _container];

    // How the plain container looks on a host, and what the host has while the container runs, such as conmon's socket.
    private sealed record Ground(StasisHost Host, FactList Plain, IReadOnlyList<string> PlainOnHost);

    private async Task<(ProgramResult Result, Cost? Cost)> RestoreAsync(StasisHost host, string archive, bool isMeasured)
    {
        string[] arguments = ["container", "restore", "-i", archive];
        if (!isMeasured)
            return (await host.RunAsync(arguments), null);
        var file = host.PathOf("usage");
        var command = host.Command([], arguments);
        var result = await Spawn.RunAsync(
            command with
            {
                Program = _usage,
                Arguments = [file, MaxSeconds.ToString(CultureInfo.InvariantCulture), command.Program, .. command.Arguments],
            },
            StasisHost.TimeLimit,
            TestContext.Current.CancellationToken);
        var numbers = (await File.ReadAllTextAsync(file)).Trim().Split(' ')
            .Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToList();
        return (result, new Cost(TimeSpan.FromMicroseconds(numbers[0]), numbers[1] << 10));
    }

    // How the container differs from the plain one.
    private static async Task<List<string>> LookAsync(StasisHost host, FactList plain)
    {
        try
        {
            return [.. plain.Differences(await TryLookAsync(host)).Select(difference => difference.ToString())];
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            return [$"it does not run: {e.Message}"];
        }
    }

    // When it has run for a moment.
    private static async Task<FactList> TryLookAsync(StasisHost host)
    {
        var fields = (await host.InspectAsync(Name, "{{.State.Pid}} {{.ID}} {{.HostConfig.LogConfig.Path}}")).Split(' ');
        var begun = DateTime.UtcNow;
        for (var first = Lines(fields[2]); Lines(fields[2]) < first + 2; await Task.Delay(10))
        {
            if (DateTime.UtcNow - begun > RunsWithin)
                throw new TimeoutException("it prints nothing");
        }
        return ContainerLook.Read(int.Parse(fields[0], CultureInfo.InvariantCulture), fields[1]);
    }

    private static int Lines(string log)
    {
        if (!File.Exists(log))
            return 0;
        using var reader = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[1 << 16];
        var lines = 0;
        for (int read; (read = reader.Read(buffer)) > 0;)
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        return lines;
    }
}
