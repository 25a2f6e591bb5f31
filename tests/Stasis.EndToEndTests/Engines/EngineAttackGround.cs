using System.Globalization;
using Grpc.Core;
using Stasis.EndToEndTests.Attacks;
using Stasis.EndToEndTests.Engines.Cri;
using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>Tests that look at the whole peer: none runs at the same time as another.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class PeerIsOurs : ICollectionFixture<EngineDaemons>;

/// <summary>
/// A real archive that all attacks are made from, and how its container looks under each engine when nobody has changed the archive.
/// </summary>
public sealed class EngineAttackGround(EngineDaemons daemons) : IAsyncLifetime
{
    private const string KeepVolumes = "dev.stasis.volumes"; // one folder for all archives

    private const string Name = "attacked";
    private const int MoreLines = 2; // that a container prints before it is looked at

    private readonly Dictionary<string, Ground> _grounds = [];

    private string Archive => Path.Combine(daemons.Folder, "attacked.tar");

    // What it is bound to by the engines; the checkpointed container had a volume there.
    private string Volume => Path.Combine(daemons.Folder, "attacked-volume");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Volume);
        var stasis = daemons.Interop.StasisInPeer("runc");
        try
        {
            await stasis.OkAsync(
                "run", "-d", "--name", Name, "--network", "none", "-v", $"{Name}:/vol", "--tmpfs", "/tt", EngineDaemons.Image, Name);
            await Eventually.GetAsync(() => stasis.OkAsync("logs", Name), text => text.Length > 0);
            await stasis.OkAsync("container", "checkpoint", "-c", "none", "-e", Archive, Name);
        }
        finally
        {
            await stasis.RunAsync("rm", "-f", Name);
            await stasis.RunAsync("volume", "rm", Name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var ground in _grounds.Values)
        {
            await ground.Engine.RemoveAsync();
            (ground.Engine as IDisposable)?.Dispose();
        }
    }

    /// <summary>How the container of the unchanged archive differs from one that the engine has started with the same options.</summary>
    /// <param name="engine">"docker" or "cri".</param>
    internal async Task<IReadOnlyList<Difference>> CompareWithFreshAsync(string engine)
    {
        var ground = await GetAsync(engine);
        return ground.Fresh.Differences(ground.Plain);
    }

    /// <summary>Restores the unchanged archive once more.</summary>
    /// <param name="engine">"docker" or "cri".</param>
    internal Task<Outcome> TryPlainAsync(string engine) =>
        TryAsync(new Attack { Name = "none", Kind = AttackKind.Mounts, Aim = "none", Make = _ => { } }, engine);

    /// <summary>Makes an archive, restores it, and looks at what has come of it.</summary>
    /// <param name="attack">The attack.</param>
    /// <param name="engine">"docker" or "cri".</param>
    internal async Task<Outcome> TryAsync(Attack attack, string engine)
    {
        var ground = await GetAsync(engine);
        await using var canary = CreateCanary();
        var archive = Path.Combine(daemons.Folder, attack.Name + ".tar");
        var hostile = HostileArchive.Read(Archive, canary.Target);
        attack.Make(hostile);
        hostile.Write(archive);

        var before = HostSnapshot.Take(canary, HostView.OfPeer());
        var refusal = await RestoreAsync(ground.Engine, archive);
        File.Delete(archive);
        List<string> onHost = [], inContainer = [];
        canary.Container = await FindIdAsync(ground.Engine);
        if (refusal is null)
        {
            inContainer.AddRange(await DescribeAsync(ground, canary.Container!));
            onHost.AddRange(await before.DifferencesAsync(Names(canary.Container!), ground.PlainOnHost));
        }
        await RemoveAsync(ground.Engine);
        onHost.AddRange(await before.DifferencesAsync());
        return new Outcome
        {
            Attack = attack,
            ExitCode = refusal is null ? 0 : 1,
            Message = (refusal ?? "").Replace(archive, "ARCHIVE", StringComparison.Ordinal),
            OnHost = [.. onHost.Distinct()],
            InContainer = inContainer,
        };
    }

    private async Task<Ground> GetAsync(string name)
    {
        if (_grounds.TryGetValue(name, out var known))
            return known;
        RestoringEngine engine = name == "docker" ? CreateDocker() : CreateCri();
        await engine.StartAsync(Name);
        var fresh = await LookAsync(engine, await FindIdAsync(engine) ?? "");
        // In the pod of the first container, all others are restored.
        await RemoveAsync(engine);
        if (engine is CriEngine cri)
            await cri.RemoveAsync();
        Assert.Null(await RestoreAsync(engine, Archive));
        await RemoveAsync(engine);

        await using var canary = CreateCanary();
        var before = HostSnapshot.Take(canary, HostView.OfPeer());
        Assert.Null(await RestoreAsync(engine, Archive));
        var id = await FindIdAsync(engine) ?? "";
        var ground = new Ground(engine, fresh, await LookAsync(engine, id), await before.DifferencesAsync(Names(id)));
        await RemoveAsync(engine);
        _grounds.Add(name, ground);
        return ground;
    }

    /// <summary>An engine, and what there is to see while the plain container runs.</summary>
    /// <param name="Engine">The engine.</param>
    /// <param name="Fresh">A container that the engine has started with the same options.</param>
    /// <param name="Plain">The restored container.</param>
    /// <param name="PlainOnHost">What the peer has more.</param>
    private sealed record Ground(RestoringEngine Engine, FactList Fresh, FactList Plain, IReadOnlyList<string> PlainOnHost);

    private DockerEngine CreateDocker()
    {
        string[] options = ["-v", $"{Volume}:/vol", "--tmpfs", "/tt"];
        return new DockerEngine(daemons, Name) { RunOptions = options, RestoreOptions = options, Annotations = [$"{KeepVolumes}=keep"] };
    }

    private CriEngine CreateCri() =>
        new(daemons, Name)
        {
            Mounts = [new Mount { ContainerPath = "/vol", HostPath = Volume }],
            PodAnnotations = new Dictionary<string, string> { [KeepVolumes] = "keep" },
        };

    private Canary CreateCanary()
    {
        var root = HostView.OfPeer().Root;
        string[] programs =
        [
            "runc", "criu", "crun", "conmon", "docker", "dockerd", "containerd", "containerd-shim-runc-v2", "tar", "busybox",
        ];
        return new Canary(Path.GetDirectoryName(daemons.Folder))
        {
            Programs =
            [
                StasisHost.Binary, Path.Combine(daemons.Interop.Exchange, "stasis"),
                .. programs.SelectMany(name => (string[])[$"{root}/usr/bin/{name}", $"{root}/usr/sbin/{name}"]).Where(File.Exists),
            ],
        };
    }

    // Of the folders of container and engine, of its mounts and its network's devices.
    private string[] Names(string id) => [id, daemons.Folder, EngineDaemons.State, "/veth", "/run/netns/", "/run/containerd/s/"];

    // Null if it was restored.
    private static async Task<string?> RestoreAsync(RestoringEngine engine, string archive)
    {
        if (engine is DockerEngine docker)
        {
            await docker.CreateAsync(archive);
            // Docker adds a line that says which container it was.
            return await docker.TryStartAsync() is { ExitCode: not 0 } failed
                ? failed.Error.Replace($"\nError: failed to start containers: {Name}\n", "", StringComparison.Ordinal)
                : null;
        }
        try
        {
            await engine.RestoreAsync(archive);
            return null;
        }
        catch (RpcException e)
        {
            return e.Status.Detail;
        }
    }

    private async Task<string?> FindIdAsync(RestoringEngine engine) =>
        engine is CriEngine cri ? cri.Container : await daemons.DockerAsync("inspect", "-f", "{{.ID}}", Name);

    private static Task RemoveAsync(RestoringEngine engine) => engine is CriEngine cri ? cri.RemoveContainerAsync() : engine.RemoveAsync();

    // What it has that neither the plain container has nor one that the engine has started.
    private static async Task<List<string>> DescribeAsync(Ground ground, string id)
    {
        try
        {
            var look = await LookAsync(ground.Engine, id);
            var unlikeFresh = ground.Fresh.Differences(look).Select(difference => difference.Subject).ToHashSet();
            return
            [
                .. ground.Plain.Differences(look).Where(difference => unlikeFresh.Contains(difference.Subject))
                    .Select(difference => difference.ToString()),
            ];
        }
        catch (IOException e)
        {
            return [$"it does not run: {e.Message}"];
        }
    }

    private static async Task<FactList> LookAsync(RestoringEngine engine, string id)
    {
        var printed = Counter.Read(await engine.LogsAsync()).Count;
        await Eventually.GetAsync(engine.LogsAsync, log => Counter.Read(log).Count >= printed + MoreLines || FindFirst(id) is null);
        return FindFirst(id) is { } first ? ContainerLook.Read(first, id, HostView.OfPeer()) : throw new IOException("it has ended");
    }

    // As this PID namespace numbers it.
    private static int? FindFirst(string id) => CgroupFacts.ReadProcesses(id)
        .Where(IsFirst)
        .Select(pid => (int?)int.Parse(pid, CultureInfo.InvariantCulture))
        .FirstOrDefault();

    private static bool IsFirst(string pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status")
                .Any(line => line.StartsWith("NSpid:", StringComparison.Ordinal) && line.EndsWith("\t1", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false; // it has ended
        }
    }
}
