using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;
using Stasis.Linux.Processes;

namespace Stasis.Linux.Mounts;

/// <summary>
/// Mounts whose restrictions nobody can lift again, not even root with all capabilities (mount_namespaces(7): a mount that was copied into
/// the mount namespace of another user namespace keeps read-only, nosuid, nodev and noexec for good, and can't be unmounted from the one
/// that it lies on).
/// </summary>
public static unsafe class LockedMountClone
{
    /// <summary>
    /// Copies a tree of mounts of the calling thread's mount namespace, with its restrictions locked. The thread must not share root and
    /// working directory with others (<see cref="MountNamespace.RunInNew"/>); both are afterwards the namespace's root.
    /// </summary>
    /// <param name="path">The tree's root.</param>
    /// <exception cref="LinuxException">It failed. The thread may be in the other namespace then: it has to end.</exception>
    public static DetachedMount Clone(string path)
    {
        using var own = MountNamespace.OpenOnThread();
        var pid = CloneIntoUserNamespace(new Libc.CallNumbers());
        if (pid < 0)
            throw new LinuxException("clone", "user and mount namespace", (Errno)(-pid));
        using var child = new ChildProcess(pid);
        try
        {
            using var other = Open(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/mnt"));
            if (Libc.setns(other, Libc.CLONE_NEWNS) != 0)
                throw LinuxException.Last("setns", "mount namespace");
            var copy = DetachedMount.Clone(path, recursive: true);
            if (Libc.setns(own, Libc.CLONE_NEWNS) == 0)
                return copy;
            copy.Dispose();
            throw LinuxException.Last("setns", "mount namespace");
        }
        finally
        {
            child.Signal(Signals.Kill);
            child.Wait();
        }
    }

    private static SafeFileHandle Open(string path)
    {
        var file = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        return file.IsInvalid ? throw LinuxException.Last("open", path) : file;
    }

    // The child only holds its namespaces until it is killed; it dies with the thread that made it. It runs code of this method only.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int CloneIntoUserNamespace(Libc.CallNumbers call)
    {
        ulong all = ulong.MaxValue, before = 0;
        // This call also binds the only function that the child calls. All signals are blocked in the child.
        _ = Libc.BareSyscall(call.Mask, Libc.SIG_SETMASK, (nint)(&all), (nint)(&before), sizeof(ulong), 0);
        var pid = Libc.BareSyscall(call.Clone, Libc.CLONE_NEWUSER | Libc.CLONE_NEWNS | Libc.SIGCHLD, 0, 0, 0, 0);
        if (pid == 0)
        {
            _ = Libc.BareSyscall(call.Prctl, Libc.PR_SET_PDEATHSIG, Signals.Kill, 0, 0, 0);
            while (true)
                _ = Libc.BareSyscall(call.Poll, 0, 0, 0, 0, 0);
        }
        var error = pid < 0 ? Marshal.GetLastSystemError() : 0;
        _ = Libc.BareSyscall(call.Mask, Libc.SIG_SETMASK, (nint)(&before), 0, sizeof(ulong), 0);
        return pid < 0 ? -error : (int)pid;
    }
}
