namespace Stasis.Engine.Storage;

/// <summary>The paths of one container.</summary>
public sealed class ContainerLayout
{
    private readonly string _dir;
    private readonly string _run;
    private readonly string _runRoot;

    internal ContainerLayout(string directory, string runDirectory, string id, string runRoot) =>
        (_dir, _run, Id, _runRoot) = (directory, runDirectory, id, runRoot);

    /// <summary>The container's ID.</summary>
    public string Id { get; }

    /// <summary>Everything of it that outlives a reboot.</summary>
    public string Directory => _dir;

    /// <summary>Everything of it that doesn't.</summary>
    public string RunDirectory => _run;

    /// <summary>The OCI bundle; CRIU's work directory at restore.</summary>
    public string Bundle => Path.Combine(_dir, "bundle");

    /// <summary>The bundle's config.json.</summary>
    public string Spec => Path.Combine(Bundle, "config.json");

    /// <summary>CRIU's configuration file, for options that runtimes have no flag for.</summary>
    public string CriuConfig => Path.Combine(Bundle, "criu.conf");

    /// <summary>What CRIU runs while it restores, where there is something to do.</summary>
    public string CriuScript => Path.Combine(Bundle, "criu.sh");

    /// <summary>The overlay's upper directory.</summary>
    public string Upper => Path.Combine(_dir, "upper");

    /// <summary>The overlay's work directory.</summary>
    public string Work => Path.Combine(_dir, "work");

    /// <summary>Where the overlay is mounted: the container's root.</summary>
    public string Merged => Path.Combine(_dir, "merged");

    /// <summary>CRIU's images of a restore that needs some changed: the others are the store's, under further names.</summary>
    public string Images => Path.Combine(_dir, "images");

    /// <summary>A checkpoint that is being made: what an archive holds, as files under their archive names.</summary>
    public string Dump => Path.Combine(_dir, "dump");

    /// <summary>CRIU's work directory at a dump: its log and statistics.</summary>
    public string DumpWork => Path.Combine(_run, "dump");

    /// <summary>CRIU's log in <see cref="DumpWork"/>.</summary>
    public string DumpWorkLog => GetDumpLog(DumpWork);

    /// <summary>CRIU's statistics in <see cref="DumpWork"/>.</summary>
    public string DumpWorkStatistics => Path.Combine(DumpWork, "stats-dump");

    /// <summary>CRIU's images of the pre-checkpoint; they are about this life of the container and go with it.</summary>
    public string PreCheckpoint => Path.Combine(_dir, "pre-checkpoint");

    /// <summary>Its output, in conmon's k8s-file format.</summary>
    public string Log => Path.Combine(_dir, "ctr.log");

    /// <summary>CRIU's log of the last dump.</summary>
    public string DumpLog => Path.Combine(_dir, "dump.log");

    /// <summary>CRIU's log of the last restore (CRIU writes it into its work directory, the bundle).</summary>
    public string RestoreLog => Path.Combine(Bundle, "restore.log");

    /// <summary>Backing of the container's /dev/shm, a tmpfs.</summary>
    public string Shm => Path.Combine(_run, "shm");

    /// <summary>/etc/hosts, /etc/hostname, /etc/resolv.conf and /run/.containerenv as bound into the container.</summary>
    public string EtcFile(string name) => Path.Combine(_run, name);

    /// <summary>A copy of <see cref="EtcFile"/> as it was written.</summary>
    public string WrittenEtcFile(string name) => Path.Combine(_run, name + ".written");

    /// <summary>The runtime's log: one JSON object per line.</summary>
    public string RuntimeLog => Path.Combine(_run, "runtime.log");

    /// <summary>
    /// Folder into which conmon writes "oom" when the kernel killed for lack of memory, and "exit", the exit code, once more.
    /// </summary>
    public string PersistDirectory => Path.Combine(_run, "persist");

    /// <summary>There if the kernel killed a process of the container for lack of memory.</summary>
    public string OomFile => Path.Combine(PersistDirectory, "oom");

    /// <summary>PID of the container's first process, written by the runtime.</summary>
    public string PidFile => Path.Combine(_run, "pidfile");

    /// <summary>PID of its conmon.</summary>
    public string ConmonPidFile => Path.Combine(_run, "conmon.pid");

    /// <summary>Folder into which conmon writes the exit code, in a file named by the ID.</summary>
    public string ExitDirectory => Path.Combine(_run, "exit");

    /// <summary>The exit code.</summary>
    public string ExitFile => Path.Combine(ExitDirectory, Id);

    /// <summary>conmon's attach socket (with --full-attach it is named attach, in the bundle).</summary>
    public string AttachSocket => Path.Combine(Bundle, "attach");

    /// <summary>Plan and files of a restore's jail.</summary>
    public string Jail => Path.Combine(_run, "jail");

    /// <summary>The plan of the jail, as JSON.</summary>
    public string JailPlan => Path.Combine(Jail, "plan.json");

    /// <summary>Findings of the last look at a restored container, if it may not run, as JSON.</summary>
    public string JailFindings => Path.Combine(Jail, "findings.json");

    /// <summary>The socket on which CRIU asks for memory that is supplied on demand (criu/uffd.c), in its work directory.</summary>
    public string LazyPagesSocket => Path.Combine(Bundle, "lazy-pages.socket");

    /// <summary>How far its memory is there, as long as it is supplied on demand.</summary>
    public string LazyPages => Path.Combine(_run, "lazy-pages.json");

    /// <summary>Why its memory couldn't be supplied, and it was killed.</summary>
    public string LostPages => Path.Combine(_run, "lost-pages");

    /// <summary>CRIU's log of a dump, in the work directory of that dump.</summary>
    internal static string GetDumpLog(string work) => Path.Combine(work, "dump.log");

    /// <summary>The identity file, in a folder of the host that is bound into the container.</summary>
    public static string IdentityFile(string folder) => Path.Combine(folder, "identity.json");

    /// <summary>The paths of one exec session.</summary>
    internal ExecLayout Exec(string session) => new(Path.Combine(_run, "exec", session));

    /// <summary>conmon's control FIFO in a folder that is a container's bundle or an exec session's.</summary>
    internal static string ControlFifo(string folder) => Path.Combine(folder, "ctl");

    /// <summary>
    /// The network namespace that Stasis makes and the runtime joins, so that CRIU needn't dump it (external to the dump).
    /// </summary>
    public string NetNs => Path.Combine(_runRoot, "netns", Id);
}
