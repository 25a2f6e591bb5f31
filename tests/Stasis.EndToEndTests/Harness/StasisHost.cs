using System.Collections;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Stasis.Linux.Network;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Harness;

/// <summary>
/// The published binary with a root and a run root of its own. Disposed, it removes all containers and then fails the test if a mount, a
/// process or a cgroup of them is left.
/// </summary>
public sealed class StasisHost : IAsyncDisposable
{
    /// <summary>No command of a test may take longer.</summary>
    public static TimeSpan TimeLimit => Eventually.HangGuard;

    private static int _count;
    private readonly HashSet<string> _ids = [];

    private readonly List<string> _mounted = [];

    /// <summary>
    /// A host on the real disk; or with its root on a file system of so many MiB. With <paramref name="networks"/>, it has a network
    /// namespace of its own, where its bridges meet no other host's; or it shares that of <paramref name="netns"/>. Without, containers
    /// have no network unless they ask for one: networks take time.
    /// </summary>
    public StasisHost(int? rootMebibytes = null, bool networks = false, string? netns = null)
    {
        RequirePrivateRun();
        NetNs = networks ? $"/run/stasis-e2e-netns/{Guid.NewGuid():N}" : netns;
        OwnsNetNs = networks;
        if (OwnsNetNs)
            NetworkNamespace.Create(NetNs!);
        Folder = Directory.CreateTempSubdirectory("stasis-e2e-").FullName;
        if (rootMebibytes is { } size)
            MountSmall(Root, size);
        RunRoot = $"/run/stasis-e2e-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
    }

    /// <summary>The binary that eng/build.sh made.</summary>
    public static string Binary { get; } = Environment.GetEnvironmentVariable("STASIS_BIN") is { Length: > 0 } path && File.Exists(path)
        ? path
        : throw new InvalidOperationException("STASIS_BIN must name the published binary: start the tests with eng/test.sh");

    /// <summary>The binary that this host's commands run: <see cref="Binary"/>, or another build of it.</summary>
    public string Program { get; init; } = Binary;

    /// <summary>Environment variables of every command, as KEY=VALUE.</summary>
    public IReadOnlyList<string> CommandEnvironment { get; set; } = [];

    /// <summary>A folder for the test's own files, on the real disk.</summary>
    public string Folder { get; }

    // Its last part is the command's own name, as that of /var/lib/stasis is: the parser of arguments once took that for the command.
    public string Root => Path.Combine(Folder, "stasis");

    public string RunRoot { get; }

    /// <summary>The network namespace that stands for the host's, or null.</summary>
    public string? NetNs { get; }

    /// <summary>Nobody else has anything in it.</summary>
    public bool OwnsNetNs { get; }

    /// <summary>A path in the test's own folder.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Mounts a file system of so many MiB, until the host is disposed.</summary>
    public string MountSmall(string path, int mebibytes)
    {
        Directory.CreateDirectory(path);
        Mount.Make("small", path, "tmpfs", MountFlags.None, $"size={mebibytes}m");
        _mounted.Add(path);
        return path;
    }

    /// <summary>Mounts that are the test's own.</summary>
    public IReadOnlyCollection<string> OwnMounts => _mounted;

    /// <summary>Runs a command to its end.</summary>
    public Task<ProgramResult> RunAsync(params string[] arguments) => RunWithAsync([], arguments);

    /// <summary>
    /// Runs a command to its end with further environment variables (KEY=VALUE); of one that was killed, what sees to its container too.
    /// </summary>
    public async Task<ProgramResult> RunWithAsync(IReadOnlyList<string> environment, params string[] arguments)
    {
        var result = await Spawn.RunAsync(Command(environment, arguments), TimeLimit, TestContext.Current.CancellationToken);
        if (result.ExitCode == 128 + Signals.Kill)
            await Eventually.GetAsync(
                () => Task.FromResult(Leftovers.Processes(this)
                    .FirstOrDefault(process => process.CommandLine.Contains(" container exists ", StringComparison.Ordinal))),
                        left => left == default);
        return result;
    }

    /// <summary>Runs a command that must succeed, and gives what it printed, trimmed.</summary>
    public async Task<string> OkAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0,
            $"stasis {string.Join(' ', arguments)}: exit code {result.ExitCode}\n{result.Error}{result.Output}");
        return result.Output.Trim();
    }

    /// <summary>Runs a command that must fail with exit code 125, and gives what it said on standard error.</summary>
    public async Task<string> FailAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 125,
            $"stasis {string.Join(' ', arguments)}: exit code {result.ExitCode} in place of 125\n{result.Error}{result.Output}");
        Assert.StartsWith("Error: ", result.Error, StringComparison.Ordinal);
        return result.Error;
    }

    /// <summary>The command with its roots, for a line of a shell script.</summary>
    public string Line => $"{Program} --root {Root} --runroot {RunRoot}";

    /// <summary>Runs a script of bash, for what takes redirections, pipes or signals.</summary>
    public Task<ProgramResult> ShellAsync(string script) => Spawn.RunAsync(
        new SpawnOptions { Program = "bash", Arguments = ["-c", script], WorkingDirectory = Folder, NewProcessGroup = true }, TimeLimit,
            TestContext.Current.CancellationToken);

    /// <summary>Starts a command and leaves it running; its output goes nowhere.</summary>
    public ChildProcess Start(IReadOnlyList<string> environment, params string[] arguments) => Spawn.Start(Command(environment, arguments));

    public SpawnOptions Command(IReadOnlyList<string> environment, params string[] arguments) =>
        OnHost([.. CommandEnvironment, .. environment],
            [Program, "--root", Root, "--runroot", RunRoot, .. NetNs is null ? WithoutNetwork(arguments) : arguments]);

    /// <summary>Runs another program on the host, e.g. to reach a container over the network, and gives what it printed, trimmed.</summary>
    public async Task<string> OnHostAsync(params string[] command)
    {
        var result = await Spawn.RunAsync(OnHost([], command), TimeLimit, TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', command)}: exit code {result.ExitCode}\n{result.Error}{result.Output}");
        return result.Output.Trim();
    }

    private static string[] WithoutNetwork(string[] arguments) =>
        arguments is ["run" or "create", ..] && !arguments.Any(argument => argument.StartsWith("--net", StringComparison.Ordinal))
        ? [arguments[0], "--network", "none", .. arguments[1..]] : arguments;

    /// <summary>Another program on the host, to be run.</summary>
    public SpawnOptions OnHost(params string[] command) => OnHost([], command);

    private SpawnOptions OnHost(IReadOnlyList<string> environment, string[] command) => new()
    {
        Program = NetNs is null ? command[0] : "nsenter",
        Arguments = NetNs is null ? command[1..] : [$"--net={NetNs}", "--", .. command],
        // Of two values, programs take the first.
        Environment =
        [
            .. environment,
            .. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(v => $"{v.Key}={v.Value}")
                .Where(variable => !environment.Any(other => other.StartsWith($"{variable.Split('=')[0]}=", StringComparison.Ordinal))),
        ],
        NewProcessGroup = true,
    };

    /// <summary>IDs of all containers that this host ever had, for the search for leftovers.</summary>
    public IReadOnlyCollection<string> Ids => _ids;

    /// <summary>A field of <c>inspect</c>, by a Go template.</summary>
    public Task<string> InspectAsync(string container, string template) => OkAsync("inspect", "--format", template, container);

    public async ValueTask DisposeAsync()
    {
        var ids = (await OkAsync("ps", "-a", "-q", "--no-trunc")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        _ids.UnionWith(ids);
        if (ids.Length > 0)
            await OkAsync(["rm", "-f", .. ids]);
        await Leftovers.AssertNoneAsync(this);
        foreach (var mount in _mounted)
            Mount.Unmount(mount);
        FileTree.Remove(Folder);
        FileTree.Remove(RunRoot);
        if (OwnsNetNs)
            NetworkNamespace.Remove(NetNs!);
    }

    // A tmpfs on /run and namespaces of their own: so eng/test.sh starts the tests. The number is the machine's first PID namespace
    // (PROC_PID_INIT_INO).
    private static void RequirePrivateRun()
    {
        if (new FileInfo("/proc/self/ns/pid").LinkTarget == "pid:[4026531836]" || new DriveInfo("/run").DriveFormat != "tmpfs")
            throw new InvalidOperationException(
                "these tests mount and start containers: start them with eng/test.sh e2e, which gives them namespaces of their own with "
                    + "a tmpfs on /run");
    }
}
