using System.Globalization;

namespace Stasis.Engine.Criu;

/// <summary>
/// What CRIU's commonest errors mean, and what to do about them. Most of what stands in the way of a dump is found before it (Preflight);
/// what isn't has happened since, or has a CRIU of another version.
/// </summary>
internal static class CriuErrors
{
    private const string Process = "(pid: ", Dump = "criu/cr-dump.c:";
    private const string FindCriu =
        "this CRIU is too old for the kernel: /usr/share/stasis/find-criu (eng/setup.sh in a checkout) finds one that works";
    private const string PeerOutside =
        "a Unix socket is connected to a process outside of the container: have the program close the connection";
    private const string Traced = "a process is traced by another program, as by strace or a debugger: end that";

    // They tell of no failure, or only that something else has failed.
    private static readonly string[] Noise =
    [
        "Can't setup RLIMIT_NOFILE", "Dumping FAILED", "Pre-dumping FAILED", "Restoring FAILED", "exited, status=", "killed by signal 9",
        "Can't retrieve FDs from socket", "Message reply from daemon is trimmed", "The Network was unlocked so some data",
        "Namespaces dumping finished with error", "Killing processes because of failure",
    ];

    // CRIU 3.17 to 4.2.
    private static readonly CriuErrorPattern[] Patterns =
    [
        new("Connected TCP socket, consider", "an established TCP connection: keep it with --tcp-established, or end it first"),
        new("Connected TCP socket in image",
            "the checkpoint holds established TCP connections: restore with --tcp-established or --tcp-close"),
        new("Can't dump file * of that type [*] (*)", "descriptor {0} is of a kind that CRIU can't dump ({2}): have the program close it"),
        new("send_fds failed (-22)", "a descriptor that can't be passed on, such as an io_uring: have the program do without"),
        new("Can't lookup mount=* for fd=* path=*",
            "descriptor {1}, {2}, is in none of the container's mounts: it comes from outside, or from a file system of the kernel's own"),
        new("Open files on overmounted mounts are not supported yet; mount=* fd=* path=*",
            "descriptor {1}, {2}, lies beneath a later mount: unmount that, or have the program close the file"),
        new("Can't create link remap for *. Use",
            "the file {0} is open under a name that was deleted, and has others: have the program open it anew"),
        new("Can't dump ghost file * of * size", "the deleted file {0} is still open, and with {1} bytes too large to keep"),
        new("External socket is used", PeerOutside),
        new("Unix socket * without peer *", PeerOutside),
        new("Unix socket * with unreachable peer *", PeerOutside),
        new("Non-empty write queue on an in-flight socket",
            "data was sent into a Unix socket's connection that no program has accepted yet: try again"),
        new("Found a closed in-flight socket", "a Unix socket's connection was closed before a program has accepted it: try again"),
        new("Dangling connection", "a Unix socket's connection has lost its other end: try again"),
        new("The socket has data to read", "a netlink socket has messages that the program hasn't read yet: try again"),
        new("Can't dump that handle",
            "CRIU doesn't find a file that a program watches (inotify), as on an overlay: put what is watched into a volume"),
        new("Can't find suitable path for handle", "CRIU doesn't find a file that a program watches (inotify): it was deleted"),
        new("Unsupported proto 262", "a socket of MPTCP: use plain TCP (a program in Go does with GODEBUG=multipathtcp=0)"),
        new("Unsupported proto * for socket", "a socket of the IP protocol {0}, which CRIU can't dump: have the program close it"),
        new("Unknown socket collected (family *)", "a socket of the address family {0}, which CRIU can't dump: have the program close it"),
        new("Can't dump corked dgram socket", "a UDP socket holds back data (UDP_CORK): try again"),
        new("Can't dump nested * namespace for *", "PID {1} is in a namespace of its own ({0}), which CRIU can't dump: end it"),
        new("more than one netns if the --emptyns is set", "a process is in a network namespace of its own, which CRIU can't dump: end it"),
        new("FS mnt .* dev * root * unsupported",
            "the mount {0} is of a file system that CRIU can't dump: unmount it, or make it a volume"),
        new("mnt: *:.* doesn't have a proper root mount",
            "CRIU doesn't know where the mount {1} comes from: unmount it, or make it a volume"),
        new("mqueue isn't empty", "a POSIX message queue exists in /dev/mqueue, which CRIU can't dump: remove it"),
        new("Unseizable non-zombie * found, state *,", "PID {0} can't be traced: another program traces it, or it is stuck in the kernel"),
        new("zombie * (comm *) found while seizing", Traced),
        new("Zombies with threads are not supported", "a process's main thread has ended and others run on, which CRIU can't dump"),
        new("Can't get rlimit * Operation not permitted",
            "a process isn't root's, and without CAP_SYS_RESOURCE CRIU can't read its limits: see stasis doctor"),
        new("A session leader of *(*) is outside of its pid namespace", "PID {0} belongs to a session of the host: end it"),
        new("pidfd pid * is not a part of process tree",
            "a descriptor of PID {0}, which isn't of the container: have the program close it"),
        new("thread with a pending SIGTRAP", "a thread is about to be stopped by a breakpoint: end the debugger"),
        new("Unable to freeze cgroup", "the processes could not be frozen in time: try again"),
        new("Unexpected rt vDSO area bounds", FindCriu),
        new("Can't get 1:34 opt", FindCriu),
        new("No space left on device", "No space left on device"),
        new("File * has bad size * (expect *)", "the file {0} has {1} bytes, and had {2} when the checkpoint was made"),
        new("File * has bad mode * (expect *)", "the file {0} has mode {1}, and had {2} when the checkpoint was made"),
        new("Can't open file * on restore: No such file", "the file {0}, which a program has open, isn't there"),
        new("Can't bind inet socket*: Cannot assign requested address",
            "a program listens on an address that the container hasn't here: restore with the networks and addresses that it had"),
        new("Can't bind inet socket*: Address already in use", "a program listens on a port that is in use here"),
        new("Can't fork for *: File exists", "the PID {0} is in use in the namespace that the container is restored into"),
        new("Can't restore sub-task in NS", "a process was in a time namespace of its own, which CRIU can't restore"),
        new("FPU xsave area present", "this processor lacks registers that the programs use"),
        new("Core march mismatch", "the checkpoint was made on a machine of another architecture"),
        new("Unable to suspend seccomp", "this kernel can't suspend seccomp filters (CONFIG_CHECKPOINT_RESTORE)"),
    ];

    /// <summary>Whether a line says nothing of why CRIU has failed.</summary>
    public static bool IsNoise(string line) => Noise.Any(noise => line.Contains(noise, StringComparison.Ordinal));

    /// <summary>The meanings of lines, each once and in their order; empty if none is known.</summary>
    public static IReadOnlyList<string> Explain(IReadOnlyList<string> lines)
    {
        var process = lines.Select(FindProcess).FirstOrDefault(pid => pid is not null);
        var meanings = lines.Select(Explain).OfType<string>().Distinct();
        return [.. meanings.Select(meaning => process is null ? meaning : $"{process}: {meaning}")];
    }

    private static string? Explain(string line) =>
        Patterns.Select(pattern => pattern.Explain(line)).FirstOrDefault(meaning => meaning is not null);

    // "Dump files (pid: 12) failed with -1" follows what has failed. The name is there if the process still is.
    private static string? FindProcess(string line)
    {
        var at = line.IndexOf(Process, StringComparison.Ordinal);
        if (at < 0 || !line.Contains(Dump, StringComparison.Ordinal))
            return null; // of a restore the PID is one in the container
        var digits = line[(at + Process.Length)..].Split(')')[0];
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            return null;
        try
        {
            return $"PID {digits} ({File.ReadAllText($"/proc/{pid}/comm").Trim()})";
        }
        catch (IOException)
        {
            return $"PID {digits}";
        }
    }
}
