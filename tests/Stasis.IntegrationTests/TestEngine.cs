using System.Globalization;
using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.IntegrationTests;

/// <summary>
/// An engine on a root of its own with a busybox layer, real runc and conmon. Disposed, it removes what it made and checks that nothing is
/// left of it: no mount, no cgroup, no process. Mounts need root and a mount namespace that the test run has for itself.
/// </summary>
internal sealed class TestEngine : IAsyncDisposable
{
    private const string Layer = "sha256-busybox";

    private static readonly string[] Applets = ["sh", "sleep", "cat", "echo", "date", "true", "false", "ls", "kill", "ps", "seq", "mkdir",
        "rm", "test", "dd", "head", "ip", "id", "df",
        "grep", "ulimit", "wc", "ping", "tail", "stat", "touch", "mount", "tr", "tty", "stty", "env", "ln", "nc", "mkfifo"];

    private readonly HashSet<string> _ids = [];

    public TestEngine()
    {
        Home = Directory.CreateDirectory($"/var/tmp/stasis-test-{Guid.NewGuid():N}").FullName;
        Engine = Open();
        MakeLayer(Engine.Layout.Layer(Layer));
    }

    /// <summary>The binary that eng/build.sh made.</summary>
    public static string Command { get; } = Environment.GetEnvironmentVariable("STASIS_BIN") is { Length: > 0 } path && File.Exists(path)
        ? path
        : throw new InvalidOperationException("STASIS_BIN must name the published binary: start the tests with eng/test.sh");

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public string Home { get; }

    public StasisEngine Engine { get; private set; }

    public ContainerManager Containers => Engine.Containers;

    /// <summary>A further engine on the same root, as another process would have.</summary>
    public StasisEngine Open() =>
        new(new EngineOptions { Root = Path.Combine(Home, "root"), RunRoot = Path.Combine(Home, "run"), CommandPath = Command });

    /// <summary>A container of busybox that runs a shell script; not made yet.</summary>
    public Container Plan(string name, string script, bool autoRemove = false, bool network = false, params NamedVolume[] volumes)
    {
        var id = RandomHex.Digits(64);
        lock (_ids)
            _ids.Add(id);
        var config = new ContainerConfig
        {
            Id = id,
            Name = name,
            ShmSize = 1 << 20,
            StopTimeout = 10,
            CreateNetNs = network,
            NetworkMode = network ? "none" : "host",
            CreatedTime = DateTimeOffset.UtcNow,
            NamedVolumes = volumes,
        };
        return new Container(config, Spec(config, script, autoRemove), new ContainerState()) { Layers = [Layer] };
    }

    public async Task<Container> CreateAsync(
        string name,
        string script,
        bool autoRemove = false,
        bool network = false,
        params NamedVolume[] volumes) =>
        await Containers.CreateAsync(Plan(name, script, autoRemove, network, volumes), Cancellation);

    /// <summary>As create makes it of a request and an image: confined by the defaults.</summary>
    public async Task<Container> CreateAsync(
        string name,
        string script,
        Func<CreateOptions, CreateOptions>? change,
        ImageExecutionConfig? config = null)
    {
        var id = ContainerNameGenerator.NewId();
        lock (_ids)
            _ids.Add(id);
        var image = new Image
        {
            Id = ContainerNameGenerator.NewId(),
            Names = ["localhost/busybox:latest"],
            Layers = [Layer],
            Config = config ?? new ImageExecutionConfig()
        };
        var options = new CreateOptions { Image = "busybox", Networks = ["none"], Command = ["/bin/sh", "-c", script] };
        var (wanted, spec) = ContainerBlueprint.Build(change?.Invoke(options) ?? options, image, id, name, Engine.Layout, Engine.Options);
        return await Containers.CreateAsync(new Container(wanted, spec, new ContainerState()) { Layers = image.Layers }, Cancellation);
    }

    public async Task<Container> RunAsync(
        string name,
        string script,
        bool autoRemove = false,
        bool network = false,
        params NamedVolume[] volumes)
    {
        await CreateAsync(name, script, autoRemove, network, volumes);
        return await Containers.StartAsync(name, Cancellation);
    }

    /// <summary>
    /// Makes an image of the busybox layer, with the named programs in /bin, for the command, which knows no other way to a root file
    /// system.
    /// </summary>
    public async Task<string> ImageAsync(params string[] programs)
    {
        foreach (var program in programs)
            await CompileAsync(program, Path.Combine(Engine.Layout.Layer(Layer), "bin"));
        var tar = Path.Combine(Home, "busybox.tar");
        var made =
            await Spawn.RunAsync(new SpawnOptions { Program = "tar", Arguments = ["-C", Engine.Layout.Layer(Layer), "-cf", tar, "."] },
                null, Cancellation);
        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        return (await Engine.Images.ImportAsync(tar, "localhost/busybox:test", null, Cancellation)).Id;
    }

    /// <summary>Compiles one of the programs in tests/Shared/Programs into a folder.</summary>
    public static async Task CompileAsync(string program, string folder)
    {
        var compiled = await Spawn.RunAsync(new SpawnOptions
        {
            Program = "gcc",
            Arguments =
            [
                "-O1", "-static", "-pthread", "-o", Path.Combine(folder, program),
                Path.Combine(AppContext.BaseDirectory, "Programs", program + ".c"),
            ],
        }, Eventually.HangGuard, CancellationToken.None);
        Assert.True(compiled.ExitCode == 0, compiled.Error);
    }

    /// <summary>Runs the command as a process of its own on this root; <paramref name="fault"/> is its STASIS_FAULT.</summary>
    public async Task<ProgramResult> CommandAsync(string? fault, params string[] arguments)
    {
        string[] environment =
        [
            .. from System.Collections.DictionaryEntry e in Environment.GetEnvironmentVariables() select $"{e.Key}={e.Value}"
        ];
        return await Spawn.RunAsync(new SpawnOptions
        {
            Program = Command,
            Arguments = ["--root", Engine.Layout.Root, "--runroot", Engine.Layout.RunRoot, .. arguments],
            Environment = fault is null ? environment : [.. environment, $"STASIS_FAULT={fault}"],
        }, Eventually.HangGuard, Cancellation);
    }

    /// <summary>All lines it has written by now.</summary>
    public async Task<List<string>> LogAsync(string name, LogOptions? options = null)
    {
        var lines = new List<string>();
        await foreach (var line in Containers.LogsAsync(name, options ?? new LogOptions(), Cancellation))
            lines.Add(System.Text.Encoding.UTF8.GetString(line.Text.Span));
        return lines;
    }

    public static Task UntilAsync(Func<bool> condition, string what) => Eventually.TrueAsync(condition, what);

    /// <summary>What is left on the machine of a container: mounts, cgroups, processes.</summary>
    public IReadOnlyList<string> Traces(string id)
    {
        var mounts = File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(id, StringComparison.Ordinal));
        var cgroups = Directory.EnumerateDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup")
            .Select(h => Path.Combine(h, "stasis", id)).Where(Directory.Exists);
        var processes = from directory in Directory.EnumerateDirectories("/proc")
                        where int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out _)
                        let command = CommandLine(directory)
                        where command.Contains(id, StringComparison.Ordinal)
                        select $"{Path.GetFileName(directory)}: {command}";
        string[] folders = [Engine.Layout.Container(id).RunDirectory, Path.Combine(Engine.Layout.RunRoot, "runtime", "runc", id)];
        return [.. mounts, .. cgroups, .. processes, .. folders.Where(Directory.Exists)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var container in Engine.ContainerStore.List())
        {
            try
            {
                await Containers.RemoveAsync(container.Id, force: true, CancellationToken.None);
            }
            catch (NotFoundException)
            {
                // --rm was faster
            }
        }
        Assert.Empty(Engine.Operations.List());
        foreach (var id in _ids)
        {
            // conmon and its exit command end in their own time.
            await UntilAsync(() => Traces(id).Count == 0, $"nothing left of {id}, but there is {string.Join("; ", Traces(id))}");
            Assert.False(Directory.Exists(Engine.Layout.Container(id).Directory));
        }
        Engine.Dispose();
        FileTree.Remove(Home);
    }

    private static string CommandLine(string directory)
    {
        try
        {
            return File.ReadAllText(Path.Combine(directory, "cmdline")).Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void MakeLayer(string path)
    {
        Directory.CreateDirectory(path);
        using (var root = RootedPath.Open(path))
        {
            root.SetOwner(".", 0, 7);
            root.SetMode(".", 0x1FD /* 0775 */);
        }
        foreach (var folder in (string[])["bin", "proc", "dev", "sys", "tmp", "etc", "run"])
            Directory.CreateDirectory(Path.Combine(path, folder));
        File.Copy("/bin/busybox", Path.Combine(path, "bin/busybox"));
        foreach (var applet in Applets)
            File.CreateSymbolicLink(Path.Combine(path, "bin", applet), "busybox");
        File.AppendAllText(Path.Combine(path, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nanna:x:1000:100::/home/anna:/bin/sh\n");
        File.AppendAllText(Path.Combine(path, "etc/group"), "root:x:0:\nusers:x:100:\nwheel:x:10:anna\n");
    }

    private OciSpec Spec(ContainerConfig config, string script, bool autoRemove)
    {
        var paths = Engine.Layout.Container(config.Id);
        string[] capabilities = ["CAP_KILL", "CAP_CHOWN", "CAP_DAC_OVERRIDE"];
        List<OciNamespace> namespaces = [.. ((string[])["pid", "ipc", "uts", "mount"]).Select(type => new OciNamespace { Type = type })];
        if (config.CreateNetNs)
            namespaces.Add(new OciNamespace { Type = "network", Path = paths.NetNs });
        return new OciSpec
        {
            Process = new OciProcess
            {
                User = new OciUser(),
                Args = ["/bin/sh", "-c", script],
                Env = ["PATH=/bin"],
                Cwd = "/",
                NoNewPrivileges = true,
                Capabilities = new OciCapabilities { Bounding = capabilities, Effective = capabilities, Permitted = capabilities },
            },
            Root = new OciRoot { Path = paths.Merged },
            Hostname = config.Name,
            Mounts =
            [
                new OciMount { Destination = "/proc", Type = "proc", Source = "proc" },
                new OciMount { Destination = "/dev", Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "mode=755", "size=65536k"] },
                new OciMount { Destination = "/dev/shm", Type = "bind", Source = paths.Shm, Options = ["bind"] },
                .. (config.NamedVolumes
                    ?? []).Select(v => new OciMount
                    {
                        Destination = v.Destination,
                        Type = "bind",
                        Source = Engine.Layout.Volume(v.Name),
                        Options = ["rbind", "rw"]
                    }),
            ],
            Annotations = autoRemove ? new Dictionary<string, string> { [Annotations.AutoRemove] = "TRUE" } : null,
            Linux = new OciLinux
            {
                Namespaces = namespaces,
                CgroupsPath = $"/stasis/{config.Id}",
                Resources = new OciResources { Devices = JsonDocument.Parse("""[{"allow":false,"access":"rwm"}]""").RootElement },
            },
        };
    }
}
