using System.Globalization;
using System.Net.Sockets;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Oci;

/// <summary>conmon: stdio, log, exit code, attach socket of one container (containers/conmon 2.1).</summary>
internal static class Conmon
{
    // Where distributions that don't put it on PATH have it (containers.conf: conmon_path).
    internal static readonly string[] Places = ["conmon", "/usr/libexec/podman/conmon", "/usr/local/libexec/podman/conmon", "/usr/lib/podman/conmon"];

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
            return request.RestoreImages is null
                ? await LaunchAsync(runtime, request, log, cancellation)
                : await CriuWatch.GuardAsync(runtime, paths.Id, stop => LaunchAsync(runtime, request, log, stop), cancellation);
        }
        catch
        {
            await KillAsync(paths.ConmonPidFile);
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

    /// <summary>Connects to the attach socket in a folder: a container's bundle, or an exec session's.</summary>
    public static async Task<Socket> AttachAsync(string folder, CancellationToken cancellation)
    {
        // By way of the folder's descriptor, as conmon itself: a socket's path may have no more than 107 bytes (unix(7)).
        using var held = DirectoryHandle.Open(folder);
        var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint($"/proc/self/fd/{held.Handle.DangerousGetHandle()}/attach"), cancellation);
            return socket;
        }
        catch (SocketException refused)
        {
            socket.Dispose();
            throw new StasisException($"attach socket in {folder}: {refused.Message}", refused);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>conmon's path.</summary>
    /// <exception cref="StasisException">There is none.</exception>
    public static string Find() => Places.Select(place => Spawn.Find(place)).FirstOrDefault(path => path is not null)
        ?? throw new StasisException("conmon: not found on PATH") { Remedy = "install conmon; `stasis doctor` shows what is missing" };

    /// <summary>Kills a conmon that hasn't finished bringing up its container, with the runtime and CRIU below it, and waits until it is gone.</summary>
    public static async Task KillAsync(string pidFile)
    {
        if (ReadPid(pidFile) is not { } pid)
            return;
        using var conmon = PidFd.Open(pid);
        if (conmon is null)
            return;
        // conmon leads a session of its own; the runtime and CRIU are of its group, the container's processes are not.
        ProcessGroup.Signal(pid, Stasis.Linux.Processes.Signals.Kill);
        await conmon.WaitAsync(CancellationToken.None);
    }

    /// <summary>conmon's arguments for a container (containers/conmon: src/cli.c).</summary>
    internal static IReadOnlyList<string> Arguments(Runtime runtime, RuntimeLog log, ConmonRequest request)
    {
        var (container, paths) = (request.Container, request.Paths);
        List<string> arguments =
        [
            .. CommonArguments(runtime, log, paths.Id, paths.Id, paths.Bundle, paths.PidFile, paths.ConmonPidFile),
            "--exit-dir", paths.ExitDirectory, "--persist-dir", paths.PersistDirectory, "--log-path", $"k8s-file:{paths.Log}",
        ];
        if (container.Spec.Process?.Terminal == true)
            arguments.Add("--terminal");
        else if (container.Config.Stdin == true)
            arguments.Add("--stdin");
        // conmon's child is then "RUNTIME restore --image-path IMAGES …", with each --runtime-opt, in place of "RUNTIME create".
        if (request.RestoreImages is not null)
            arguments.AddRange(["--restore", request.RestoreImages]);
        foreach (var argument in request.RestoreArguments)
            arguments.AddRange(["--runtime-opt", argument]);
        arguments.AddRange(["--exit-command", request.ExitCommand[0]]);
        foreach (var argument in request.ExitCommand.Skip(1))
            arguments.AddRange(["--exit-command-arg", argument]);
        return arguments;
    }

    /// <summary>What a conmon of a container and one of an exec session have in common. <paramref name="bundle"/> is where the attach socket and control FIFOs go.</summary>
    internal static IReadOnlyList<string> CommonArguments(Runtime runtime, RuntimeLog log, string id, string session, string bundle, string pidFile, string conmonPidFile) =>
    [
        "--api-version", "--cid", id, "--cuuid", session, "--runtime", runtime.Path, "--bundle", bundle,
        "--container-pidfile", pidFile, "--conmon-pidfile", conmonPidFile, "--full-attach", "--log-level", "warning",
        .. runtime.GlobalArguments(log).SelectMany(argument => (string[])["--runtime-arg", argument]),
    ];

    private static void PrepareFolders(ContainerLayout paths)
    {
        Directory.CreateDirectory(paths.ExitDirectory);
        Directory.CreateDirectory(paths.PersistDirectory);
        // What the container's last life left, and would be taken for this one's.
        foreach (var stale in (string[])[paths.PidFile, paths.ConmonPidFile, paths.ExitFile, paths.OomFile])
            File.Delete(stale);
    }

    private static async Task<(int Pid, int ConmonPid)> LaunchAsync(Runtime runtime, ConmonRequest request, RuntimeLog log, CancellationToken cancellation)
    {
        var (paths, restore) = (request.Paths, request.RestoreImages is not null);
        var verb = restore ? "restore" : "create";
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (!restore)
            limited.CancelAfter(runtime.TimeLimit);
        // conmon puts a file "oom" into its working directory.
        using var conmon = ConmonProcess.Launch(runtime, Arguments(runtime, log, request), paths.PersistDirectory);
        try
        {
            await conmon.ForkedAsync(runtime.TimeLimit, cancellation);
            var report = await conmon.ReportAsync(limited.Token);
            if (report is { Data: > 0 })
                return (report.Data, ReadPid(paths.ConmonPidFile)!.Value);
            throw runtime.Failure($"{verb} {paths.Id}", log, report?.Message ?? "", restore ? CriuLog.Quote(paths.RestoreLog) : "");
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw runtime.TookTooLong($"{verb} {paths.Id}", late);
        }
    }

    private static int? ReadPid(string file) =>
        File.Exists(file) && int.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
}
