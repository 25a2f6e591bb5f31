using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>
/// A second process that shares this process's table of descriptors (CLONE_FILES): what is opened here is open there. When this
/// process has ended, however it ended, the keeper runs a program, and keeps all descriptors open until the program has ended.
/// Disposing of the keeper kills it, and runs nothing.
/// </summary>
public sealed unsafe class DescriptorKeeperProcess : IDisposable
{
    private readonly ChildProcess _process;
    private readonly PidFd _watched;
    private bool _isDisposed;

    private DescriptorKeeperProcess(ChildProcess process, PidFd watched) => (_process, _watched) = (process, watched);

    /// <summary>The keeper's PID.</summary>
    public int Id => _process.Id;

    /// <summary>Readable when the keeper has ended.</summary>
    public SafeFileHandle Ended => _process.PidFd.Handle;

    /// <summary>Starts a keeper.</summary>
    /// <param name="program">Path of the program that it runs.</param>
    /// <param name="arguments">The program's arguments after argv[0]. The program gets this process's present environment.</param>
    public static DescriptorKeeperProcess Start(string program, IReadOnlyList<string> arguments)
    {
        // The child can't allocate memory: everything that it needs is made here, and copied by the clone.
        using var path = new NativeStringArray([program]);
        using var argv = new NativeStringArray([program, .. arguments]);
        using var variables = new NativeStringArray(Spawn.CurrentEnvironment());
        var self = PidFd.Open(Environment.ProcessId) ?? throw new LinuxException("pidfd_open", null, Errno.ESRCH);
        using var held = new Borrowed(self.Handle);
        var pid = Clone(new Libc.CallNumbers(), held.Fd, path.Pointers[0], argv.Pointers, variables.Pointers);
        if (pid > 0)
            return new DescriptorKeeperProcess(new ChildProcess(pid), self);
        self.Dispose();
        throw new LinuxException("clone", null, (Errno)(-pid));
    }

    /// <summary>Kills the keeper. Nothing is run.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _process.Signal(Signals.Kill);
        _process.WaitAsync(CancellationToken.None).GetAwaiter().GetResult();
        _process.Dispose();
        _watched.Dispose();
    }

    // The child runs code of this method only, which is fully compiled before: the child has no other threads, and so no JIT and no loader.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Clone(Libc.CallNumbers call, int parent, byte* path, byte** arguments, byte** environment)
    {
        var name = "stasis-keeper\0"u8;
        ulong all = ulong.MaxValue, before = 0;
        var entry = new Libc.PollFd { Fd = parent, Events = Libc.POLLIN };
        fixed (byte* n = name)
        {
            // This call also binds the only function that the child calls. All signals are blocked in the child.
            _ = Libc.BareSyscall(call.Mask, Libc.SIG_SETMASK, (nint)(&all), (nint)(&before), sizeof(ulong), 0);
            var pid = Libc.BareSyscall(call.Clone, Libc.CLONE_FILES | Libc.SIGCHLD, 0, 0, 0, 0);
            if (pid == 0)
            {
                _ = Libc.BareSyscall(call.Prctl, Libc.PR_SET_NAME, (nint)n, 0, 0, 0);
                while (Libc.BareSyscall(call.Poll, (nint)(&entry), 1, 0, 0, 0) <= 0)
                {
                }
                pid = Libc.BareSyscall(call.Clone, Libc.SIGCHLD, 0, 0, 0, 0);
                if (pid == 0)
                {
                    _ = Libc.BareSyscall(call.Mask, Libc.SIG_SETMASK, (nint)(&before), 0, sizeof(ulong), 0);
                    _ = Libc.BareSyscall(call.Exec, (nint)path, (nint)arguments, (nint)environment, 0, 0);
                    _ = Libc.BareSyscall(call.Exit, 127, 0, 0, 0, 0);
                }
                _ = Libc.BareSyscall(call.Wait, pid, 0, 0, 0, 0);
                _ = Libc.BareSyscall(call.Exit, 0, 0, 0, 0, 0);
            }
            var error = pid < 0 ? Marshal.GetLastSystemError() : 0;
            _ = Libc.BareSyscall(call.Mask, Libc.SIG_SETMASK, (nint)(&before), 0, sizeof(ulong), 0);
            return pid < 0 ? -error : (int)pid;
        }
    }
}
