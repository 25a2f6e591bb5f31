using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Containers;
using Stasis.Engine.Criu;
using Stasis.Engine.Storage;
using Stasis.Linux;

namespace Stasis.Engine.Oci;

/// <summary>How conmon is to bring up a container.</summary>
internal sealed record ConmonRequest
{
    public required Container Container { get; init; }
    public required ContainerLayout Paths { get; init; }
    /// <summary>Restore from this CRIU images directory in place of create.</summary>
    public string? RestoreImages { get; init; }
    /// <summary>Further arguments of the runtime's restore, e.g. --tcp-established.</summary>
    public IReadOnlyList<string> RestoreArguments { get; init; } = [];
    /// <summary>program and arguments that conmon runs when the container has ended; the container's ID comes last.</summary>
    public required IReadOnlyList<string> ExitCommand { get; init; }
}

/// <summary>What conmon writes to its sync pipe (api-version 1): the PID of the container's first process, or -1 and why not.</summary>
internal sealed record ConmonReport
{
    [JsonPropertyName("data")] public int Data { get; init; }
    [JsonPropertyName("message")] public string? Message { get; init; }
}

/// <summary>conmon: stdio, log, exit code, attach socket of one container (containers/conmon 2.1).</summary>
internal static class Conmon
{
    // Where distributions that don't put it on PATH have it (containers.conf: conmon_path).
    internal static readonly string[] Places = ["conmon", "/usr/libexec/podman/conmon", "/usr/local/libexec/podman/conmon", "/usr/lib/podman/conmon"];

    private const int SyncDescriptor = 3;
    private const int StartDescriptor = 4;

    /// <summary>
    /// Starts conmon, which has the runtime create (or restore) the container; gives the PIDs of the container's first process and of conmon.
    /// Fails with the runtime's words, and then neither conmon, nor the runtime, nor what the runtime knew of the container is left. (conmon may still
    /// run its exit command after a failure: it waits for the container's lock, and finds nothing to do.)
    /// </summary>
    public static async Task<(int Pid, int ConmonPid)> LaunchAsync(Runtime runtime, ConmonRequest request, CancellationToken cancellation)
    {
        var paths = request.Paths;
        if (request.RestoreImages is not null)
            runtime.RequireCriu();
        PrepareFolders(paths);
        var log = runtime.MarkLog(paths.Id);
        try
        {
            return await StartAsync(runtime, request, log, cancellation);
        }
        catch
        {
            await KillAsync(paths);
            await runtime.DeleteAsync(paths.Id, force: true, CancellationToken.None);
            throw;
        }
    }

    /// <summary>The exit command of a running conmon, read from /proc/PID/cmdline: its --exit-command and --exit-command-arg values. Empty if it has ended.</summary>
    public static IReadOnlyList<string> ExitCommandOf(int conmonPid)
    {
        var commandLine = $"/proc/{conmonPid}/cmdline";
        string[] arguments = File.Exists(commandLine) ? File.ReadAllText(commandLine).Split('\0') : [];
        return [.. ValuesOf("--exit-command"), .. ValuesOf("--exit-command-arg")];

        IEnumerable<string> ValuesOf(string option) =>
            arguments.Index().Where(a => a.Index > 0 && arguments[a.Index - 1] == option).Select(a => a.Item);
    }

    /// <summary>Connects to the container's attach socket (seqpacket; full path) for stdio.</summary>
    public static async Task<Socket> AttachAsync(ContainerLayout paths, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(paths.AttachSocket), cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>conmon's path.</summary>
    /// <exception cref="StasisException">There is none.</exception>
    internal static string Find() => Places.Select(place => Spawn.Find(place)).FirstOrDefault(path => path is not null)
        ?? throw new StasisException("conmon: not found on PATH") { Remedy = "install conmon; `stasis doctor` shows what is missing" };

    /// <summary>conmon's arguments (containers/conmon: src/cli.c).</summary>
    internal static IReadOnlyList<string> Arguments(Runtime runtime, ConmonRequest request)
    {
        var (container, paths) = (request.Container, request.Paths);
        List<string> arguments =
        [
            "--api-version", "--cid", paths.Id, "--cuuid", paths.Id, "--name", container.Name,
            "--runtime", runtime.Path, "--bundle", paths.Bundle,
            "--container-pidfile", paths.PidFile, "--conmon-pidfile", paths.ConmonPidFile,
            "--exit-dir", paths.ExitDirectory, "--persist-dir", paths.PersistDirectory,
            "--full-attach", "--log-path", $"k8s-file:{paths.Log}", "--log-level", "warning",
        ];
        if (container.Spec.Process?.Terminal == true)
            arguments.Add("--terminal");
        else if (container.Config.Stdin == true)
            arguments.Add("--stdin");
        foreach (var argument in runtime.GlobalArguments(paths.Id))
            arguments.AddRange(["--runtime-arg", argument]);
        if (request.RestoreImages is not null)
            arguments.AddRange(["--restore", request.RestoreImages]);
        foreach (var argument in request.RestoreArguments)
            arguments.AddRange(["--runtime-opt", argument]);
        arguments.AddRange(["--exit-command", request.ExitCommand[0]]);
        foreach (var argument in request.ExitCommand.Skip(1))
            arguments.AddRange(["--exit-command-arg", argument]);
        return arguments;
    }

    private static void PrepareFolders(ContainerLayout paths)
    {
        Directory.CreateDirectory(paths.ExitDirectory);
        Directory.CreateDirectory(paths.PersistDirectory);
        // What the container's last life left, and would be taken for this one's.
        foreach (var stale in (string[])[paths.PidFile, paths.ConmonPidFile, paths.ExitFile, paths.OomFile])
            File.Delete(stale);
    }

    private static async Task<(int Pid, int ConmonPid)> StartAsync(Runtime runtime, ConmonRequest request, RuntimeLog log, CancellationToken cancellation)
    {
        var restore = request.RestoreImages is not null;
        var what = $"{(restore ? "restore" : "create")} {request.Paths.Id}";
        using var conmon = StartConmon(runtime, request, out var report, out var complaint);
        using var reportPipe = report;
        using var complaintPipe = complaint;
        var complaints = ReadAsync(complaint);
        var reported = ReadLineAsync(report);
        var limit = restore ? Timeout.InfiniteTimeSpan : Runtime.TimeLimit;
        try
        {
            // conmon forks itself away at once and its first process ends; the other reports when the runtime is done.
            if (await conmon.WaitAsync(cancellation).WaitAsync(limit, cancellation) is not 0 and var code)
                throw new StasisException($"conmon: exit code {code}: {(await complaints).Trim()}");
            var line = await reported.WaitAsync(limit, cancellation);
            if (line is not null && JsonSerializer.Deserialize(line, EngineJson.Default.ConmonReport) is { Data: > 0 } success)
                return (success.Data, ReadPid(request.Paths.ConmonPidFile)!.Value);
            var message = line is null ? "" : JsonSerializer.Deserialize(line, EngineJson.Default.ConmonReport)?.Message ?? "";
            var failure = runtime.Failure(what, log, message);
            throw restore ? new StasisException(failure.Message + CriuLog.Quote(request.Paths.RestoreLog)) : failure;
        }
        catch (TimeoutException timeout)
        {
            throw new StasisException($"{Path.GetFileName(runtime.Path)} {what}: no answer within {limit.TotalSeconds} s, killed", timeout);
        }
    }

    private static ChildProcess StartConmon(Runtime runtime, ConmonRequest request, out SafeFileHandle report, out SafeFileHandle complaint)
    {
        var sync = Spawn.Pipe();
        var start = Spawn.Pipe();
        var error = Spawn.Pipe();
        (report, complaint) = (sync.Read, error.Read);
        using (sync.Write)
        using (error.Write)
        using (start.Read)
        using (start.Write)
        {
            var conmon = Spawn.Start(new SpawnOptions
            {
                Program = Find(),
                Arguments = Arguments(runtime, request),
                Environment = [.. runtime.Environment, $"_OCI_SYNCPIPE={SyncDescriptor}", $"_OCI_STARTPIPE={StartDescriptor}"],
                // conmon puts a file "oom" into its working directory.
                WorkingDirectory = request.Paths.PersistDirectory,
                Descriptors = new Dictionary<int, SafeFileHandle> { [2] = error.Write, [SyncDescriptor] = sync.Write, [StartDescriptor] = start.Read },
                NewProcessGroup = true,
            });
            ConmonCgroup.Enter(conmon.Id);
            // conmon waits for this before it forks, so that all that comes from it is in the cgroup.
            using var go = new FileStream(start.Write, FileAccess.Write, bufferSize: 0);
            go.WriteByte(0);
            return conmon;
        }
    }

    /// <summary>Kills a conmon that hasn't finished bringing up its container, with the runtime and CRIU below it, and waits until they are gone.</summary>
    private static async Task KillAsync(ContainerLayout paths)
    {
        if (ReadPid(paths.ConmonPidFile) is not { } pid)
            return;
        using var conmon = PidFd.Open(pid);
        if (conmon is null)
            return;
        conmon.Signal(9); // the runtime has asked to die with conmon (PR_SET_PDEATHSIG), and CRIU gives up when the runtime's socket closes
        await conmon.WaitAsync(CancellationToken.None).WaitAsync(Runtime.TimeLimit);
    }

    private static int? ReadPid(string file) =>
        File.Exists(file) && int.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;

    private static async Task<string?> ReadLineAsync(SafeFileHandle pipe)
    {
        using var reader = new StreamReader(new FileStream(pipe, FileAccess.Read, bufferSize: 0), Encoding.UTF8);
        return await Task.Run(reader.ReadLine);
    }

    private static async Task<string> ReadAsync(SafeFileHandle pipe)
    {
        using var reader = new StreamReader(new FileStream(pipe, FileAccess.Read, bufferSize: 0), Encoding.UTF8);
        return await Task.Run(reader.ReadToEnd);
    }
}
