using System.Globalization;
using System.Net.Sockets;
using Stasis.Engine.Errors;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Oci;

/// <summary>
/// conmon (containers/conmon 2.1), the process that holds one container's stdio, log, exit code and attach socket: where its
/// program is, and what can be done with one that runs. <see cref="ConmonLauncher"/> starts it.
/// </summary>
internal static class ConmonAccess
{
    // Where distributions install it that don't put it on PATH (containers.conf: conmon_path).
    internal static readonly string[] SearchPaths =
        ["conmon", "/usr/libexec/podman/conmon", "/usr/local/libexec/podman/conmon", "/usr/lib/podman/conmon"];

    /// <summary>Finds conmon's program.</summary>
    /// <exception cref="StasisException">There is none.</exception>
    public static string Find() => SearchPaths.Select(place => ExecutablePath.Find(place)).FirstOrDefault(path => path is not null)
        ?? throw new MissingProgramException("conmon", "conmon: not found on PATH")
        {
            Remedy = "install conmon; `stasis doctor` shows what is missing",
        };

    /// <summary>
    /// Reads the exit command of a running conmon from /proc/PID/cmdline: program and arguments. Empty if conmon has ended.
    /// </summary>
    public static IReadOnlyList<string> ReadExitCommand(int conmonPid)
    {
        var commandLine = $"/proc/{conmonPid}/cmdline";
        string[] arguments = File.Exists(commandLine) ? File.ReadAllText(commandLine).Split('\0') : [];
        return [.. GetValues("--exit-command"), .. GetValues("--exit-command-arg")];

        IEnumerable<string> GetValues(string option) =>
            arguments.Index().Where(a => a.Index > 0 && arguments[a.Index - 1] == option).Select(a => a.Item);
    }

    /// <summary>Connects to the attach socket in a folder, which is a container's bundle or an exec session's.</summary>
    /// <exception cref="StasisException">Nobody listens there.</exception>
    public static async Task<Socket> ConnectAsync(string folder, CancellationToken cancellation)
    {
        // Through the folder's descriptor, as conmon itself does: a socket's path may have no more than 107 bytes (unix(7)).
        using var held = DirectoryHandle.Open(folder);
        var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        try
        {
            var path = $"/proc/self/fd/{held.Handle.DangerousGetHandle()}/attach";
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
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

    /// <summary>
    /// Kills a conmon that hasn't finished bringing up its container, with the runtime and CRIU below it, and waits for its end.
    /// </summary>
    /// <param name="pidFile">conmon's PID file. Nothing happens if there is none, or if conmon has ended.</param>
    public static async Task KillAsync(string pidFile)
    {
        if (ReadPid(pidFile) is not { } pid)
            return;
        using var conmon = PidFd.Open(pid);
        if (conmon is null)
            return;
        // conmon leads a session. The runtime and CRIU are in its process group, the container's processes are not.
        ProcessGroup.Signal(pid, Signals.Kill);
        await conmon.WaitAsync(CancellationToken.None);
    }

    /// <summary>Reads a PID file; null if it isn't there or not written completely.</summary>
    internal static int? ReadPid(string file)
    {
        if (!File.Exists(file))
            return null;
        return int.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
    }
}
