using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux;

/// <summary>Processes held by descriptor, so that a recycled PID can't be hit.</summary>
public sealed class PidFd : IDisposable
{
    /// <summary>pidfd_open(2). Null if there is no such process.</summary>
    public static PidFd? Open(int pid) => throw new NotImplementedException();
    /// <summary>Start time in clock ticks since boot (proc(5) stat field 22), or null if there is no such process (or it is a zombie).</summary>
    public static ulong? StartTime(int pid) => throw new NotImplementedException();
    /// <summary>pidfd_send_signal(2). False if the process has ended.</summary>
    public bool Signal(int signal) => throw new NotImplementedException();
    /// <summary>Waits until it has ended (poll; works for processes that aren't children).</summary>
    public Task WaitAsync(CancellationToken cancellation) => throw new NotImplementedException();
    /// <summary>SIGKILL to this very process: no handler, no finally, no flush. For fault points.</summary>
    public static void KillSelf() => throw new NotImplementedException();
    /// <inheritdoc/>
    public void Dispose() { }
}

/// <summary>Whole-file locks (flock(2)), held by the open file: gone when the process ends, however it ends.</summary>
public sealed class FileLock : IDisposable
{
    /// <summary>Takes the lock, waiting for it. Makes the file (0600) and its folder if missing.</summary>
    public static Task<FileLock> AcquireAsync(string path, bool shared, CancellationToken cancellation) => throw new NotImplementedException();
    /// <summary>Takes the lock if nobody has it; null otherwise.</summary>
    public static FileLock? TryAcquire(string path, bool shared = false) => throw new NotImplementedException();
    /// <inheritdoc/>
    public void Dispose() { }
}

/// <summary>Files written under a temporary name, fsynced, renamed.</summary>
public static class AtomicFile
{
    /// <summary>Replaces <paramref name="path"/>: after a crash it has the old content or the new, whole. <paramref name="durable"/>: fsync file and folder.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, int mode = 0x180 /* 0600 */, bool durable = true) => throw new NotImplementedException();
}

/// <summary>mount(2) and umount2(2).</summary>
public static class Mount
{
    /// <summary>Mounts; <paramref name="flags"/> as MS_….</summary>
    public static void Make(string? source, string target, string? type, MountFlags flags, string? data) => throw new NotImplementedException();
    /// <summary>Binds a file or folder (with recursive sub-mounts if asked), then remounts for read-only when asked.</summary>
    public static void Bind(string source, string target, bool recursive = false, bool readOnly = false) => throw new NotImplementedException();
    /// <summary>Unmounts everything mounted at exactly that path, lazily if busy; nothing if nothing is.</summary>
    public static void Unmount(string target) => throw new NotImplementedException();
    /// <summary>Whether something is mounted at exactly that path (statx STATX_ATTR_MOUNT_ROOT).</summary>
    public static bool IsMountPoint(string path) => throw new NotImplementedException();
}

/// <summary>Flags of mount(2).</summary>
[Flags]
public enum MountFlags
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>MS_RDONLY.</summary>
    ReadOnly = 1,
    /// <summary>MS_NOSUID.</summary>
    NoSuid = 2,
    /// <summary>MS_NODEV.</summary>
    NoDev = 4,
    /// <summary>MS_NOEXEC.</summary>
    NoExec = 8,
    /// <summary>MS_REMOUNT.</summary>
    Remount = 32,
    /// <summary>MS_BIND.</summary>
    Bind = 4096,
    /// <summary>MS_REC.</summary>
    Recursive = 16384,
    /// <summary>MS_PRIVATE.</summary>
    Private = 1 << 18,
    /// <summary>MS_SLAVE.</summary>
    Slave = 1 << 19,
    /// <summary>MS_SHARED.</summary>
    Shared = 1 << 20,
}

/// <summary>overlayfs.</summary>
public static class Overlay
{
    /// <summary>Mounts an overlay; <paramref name="lowers"/> topmost first. Works for any number and length of lowers (fsconfig lowerdir+ beyond a page of options).</summary>
    public static void Make(string target, IReadOnlyList<string> lowers, string upper, string work) => throw new NotImplementedException();
    /// <summary>Whether the entry is a whiteout: a character device 0/0.</summary>
    public static bool IsWhiteout(FileStatus status) => throw new NotImplementedException();
    /// <summary>Whether the folder hides what lies below it (trusted.overlay.opaque = y).</summary>
    public static bool IsOpaque(string directory) => throw new NotImplementedException();
}

/// <summary>What lstat tells (statx).</summary>
/// <param name="Mode">st_mode: type and permission bits.</param>
public readonly record struct FileStatus(uint Mode, uint Uid, uint Gid, long Size, ulong Inode, uint LinkCount, uint DeviceMajor, uint DeviceMinor, long ModifiedSeconds, uint ModifiedNanoseconds, ulong Blocks, ulong ContainingDevice);

/// <summary>Network and mount namespaces.</summary>
public static class Namespace
{
    /// <summary>Makes a network namespace with its loopback up and pins it by a bind mount at <paramref name="path"/>. The calling thread's own namespace is not changed.</summary>
    public static void CreateNetwork(string path) => throw new NotImplementedException();
    /// <summary>Unpins it: it goes when nothing uses it. Nothing if it isn't there.</summary>
    public static void RemoveNetwork(string path) => throw new NotImplementedException();
}

/// <summary>Folder trees.</summary>
public static class FileTree
{
    /// <summary>Removes a tree, never following a link nor crossing into a mount. Nothing if it isn't there.</summary>
    public static void Remove(string path) => throw new NotImplementedException();
    /// <summary>fsyncs the file system that holds <paramref name="path"/> (syncfs).</summary>
    public static void SyncFileSystem(string path) => throw new NotImplementedException();
}

/// <summary>What to run, and with exactly which descriptors: a child gets no other.</summary>
public sealed record SpawnOptions
{
    /// <summary>The program: a path, or a name on PATH.</summary>
    public required string Program { get; init; }
    /// <summary>Arguments after argv[0].</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
    /// <summary>KEY=VALUE; null passes on the caller's environment.</summary>
    public IReadOnlyList<string>? Environment { get; init; }
    /// <summary>Working directory.</summary>
    public string? WorkingDirectory { get; init; }
    /// <summary>Child's descriptors: child number → the caller's descriptor. 0, 1, 2 not named are /dev/null.</summary>
    public IReadOnlyDictionary<int, SafeFileHandle> Descriptors { get; init; } = new Dictionary<int, SafeFileHandle>();
    /// <summary>Own process group (setpgid), so that a terminal's Ctrl-C doesn't reach it.</summary>
    public bool NewProcessGroup { get; init; }
    /// <summary>Own session (setsid).</summary>
    public bool NewSession { get; init; }
    /// <summary>SIGKILL for it when the caller dies (PR_SET_PDEATHSIG).</summary>
    public bool DieWithParent { get; init; }
}

/// <summary>A child process.</summary>
public sealed class ChildProcess : IDisposable
{
    /// <summary>Its PID.</summary>
    public int Id => throw new NotImplementedException();
    /// <summary>Waits for its end: the exit code, or 128 + signal. Cancelling only stops waiting.</summary>
    public Task<int> WaitAsync(CancellationToken cancellation) => throw new NotImplementedException();
    /// <summary>Sends it a signal.</summary>
    public void Signal(int signal) => throw new NotImplementedException();
    /// <inheritdoc/>
    public void Dispose() { }
}

/// <summary>What a program printed and how it ended.</summary>
public readonly record struct SpawnResult(int ExitCode, string Output, string Error);

/// <summary>Starts programs (posix_spawn or clone; close_range for descriptors).</summary>
public static class Spawn
{
    /// <summary>Starts a program.</summary>
    /// <exception cref="LinuxException">It can't be started; ENOENT when it isn't there.</exception>
    public static ChildProcess Start(SpawnOptions options) => throw new NotImplementedException();

    /// <summary>Runs a program to its end and captures its output. Cancelling kills it with its process group. <paramref name="timeout"/> too, with a TimeoutException.</summary>
    public static Task<SpawnResult> RunAsync(SpawnOptions options, TimeSpan? timeout, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The program's full path on PATH (or itself if it has a slash and is executable); null if there is none.</summary>
    public static string? Find(string program, string? path = null) => throw new NotImplementedException();

    /// <summary>A pipe, both ends close-on-exec.</summary>
    public static (SafeFileHandle Read, SafeFileHandle Write) Pipe() => throw new NotImplementedException();
}
