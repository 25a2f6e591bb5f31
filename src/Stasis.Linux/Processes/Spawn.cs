using System.Collections;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>
/// Starts programs, with posix_spawn(3): nothing of the runtime's own runs between fork and exec. A child starts with no signal blocked,
/// every signal's default action, and no descriptor but those it is given.
/// </summary>
public static unsafe class Spawn
{
    /// <summary>Starts a program.</summary>
    /// <exception cref="LinuxException">It can't be started; ENOENT when it isn't there.</exception>
    public static ChildProcess Start(SpawnOptions options)
    {
        if (!options.NewSessionKeyring)
            return StartHere(options);
        ChildProcess? child = null;
        DedicatedThread.Run(() =>
        {
            // The child inherits the credentials of the thread that starts it.
            if (Libc.join_new_session_keyring() < 0 && LinuxException.LastErrno is not (Errno.ENOSYS or Errno.EPERM))
                throw LinuxException.Last("keyctl", "session keyring");
            child = StartHere(options);
        });
        return child!;
    }

    private static ChildProcess StartHere(SpawnOptions options)
    {
        var environment = options.Environment ?? OwnEnvironment();
        var program = Find(options.Program, environment.FirstOrDefault(e => e.StartsWith("PATH=", StringComparison.Ordinal))?["PATH=".Length..])
            ?? throw new LinuxException("exec", options.Program, Errno.ENOENT);
        using var moved = new ChildDescriptors(options.Descriptors);
        using var path = new NativeStrings([program]);
        using var arguments = new NativeStrings([options.Program, .. options.Arguments]);
        using var variables = new NativeStrings(environment);

        Libc.SpawnFileActions actions;
        Libc.SpawnAttributes attributes;
        Check(Libc.posix_spawn_file_actions_init(&actions), program);
        try
        {
            Check(Libc.posix_spawnattr_init(&attributes), program);
            try
            {
                SetDescriptors(&actions, moved);
                if (options.WorkingDirectory is { } directory)
                {
                    // posix_spawn doesn't tell which of its steps failed.
                    if (!Directory.Exists(directory))
                        throw new LinuxException("chdir", directory, Errno.ENOENT);
                    Check(Libc.posix_spawn_file_actions_addchdir_np(&actions, directory), program);
                }

                SetAttributes(&attributes, options);
                int pid;
                Check(Libc.posix_spawn(&pid, path.Pointers[0], &actions, &attributes, arguments.Pointers, variables.Pointers), program);
                try
                {
                    return new ChildProcess(pid);
                }
                catch (LinuxException e) when (e.Errno != Errno.ESRCH)
                {
                    _ = Libc.kill(pid, Signals.Kill); // nobody would know of it: there are no more descriptors, say
                    throw;
                }
            }
            finally
            {
                _ = Libc.posix_spawnattr_destroy(&attributes);
            }
        }
        finally
        {
            _ = Libc.posix_spawn_file_actions_destroy(&actions);
        }
    }

    /// <summary>
    /// Runs a program to its end and captures its output, in a process group of its own. Cancelling kills the group; so does
    /// <paramref name="timeout"/>, with a TimeoutException. What a descendant prints after the program's end is not waited for.
    /// </summary>
    /// <exception cref="LinuxException">It can't be started; ENOENT when it isn't there.</exception>
    public static Task<SpawnResult> RunAsync(SpawnOptions options, TimeSpan? timeout, CancellationToken cancellation) =>
        ProcessRunner.RunAsync(options, timeout, cancellation);

    /// <summary>The program's full path on PATH (or itself if it has a slash and is executable); null if there is none.</summary>
    public static string? Find(string program, string? path = null)
    {
        if (program.Contains('/'))
            return IsExecutable(program) ? program : null;
        path ??= Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(d => Path.Combine(d, program)).FirstOrDefault(IsExecutable);
    }

    /// <summary>A pipe, both ends close-on-exec.</summary>
    public static (SafeFileHandle Read, SafeFileHandle Write) Pipe()
    {
        var pair = stackalloc int[2];
        if (Libc.pipe2(pair, Libc.O_CLOEXEC) != 0)
            throw LinuxException.Last("pipe");
        return (new SafeFileHandle(pair[0], ownsHandle: true), new SafeFileHandle(pair[1], ownsHandle: true));
    }

    private static bool IsExecutable(string path) => File.Exists(path) && Libc.access(path, 1) == 0;

    private static void SetDescriptors(Libc.SpawnFileActions* actions, ChildDescriptors moved)
    {
        for (var fd = 0; fd < moved.End; fd++)
        {
            if (moved.Find(fd) is { } source)
                Check(Libc.posix_spawn_file_actions_adddup2(actions, source, fd), "dup2");
            else if (fd < 3)
                Check(Libc.posix_spawn_file_actions_addopen(actions, fd, "/dev/null", Libc.O_RDWR, 0), "/dev/null");
            else
                Check(Libc.posix_spawn_file_actions_addclose(actions, fd), "close");
        }

        Check(Libc.posix_spawn_file_actions_addclosefrom_np(actions, moved.End), "closefrom");
    }

    private static void SetAttributes(Libc.SpawnAttributes* attributes, SpawnOptions options)
    {
        Libc.SignalSet none = default, all;
        new Span<byte>(&all, sizeof(Libc.SignalSet)).Fill(0xFF); // sigfillset leaves out 32 and 33, which glibc then has the child ignore
        _ = Libc.posix_spawnattr_setsigmask(attributes, &none);
        _ = Libc.posix_spawnattr_setsigdefault(attributes, &all);
        var flags = Libc.POSIX_SPAWN_SETSIGMASK | Libc.POSIX_SPAWN_SETSIGDEF;
        if (options.NewSession)
            flags |= Libc.POSIX_SPAWN_SETSID;
        else if (options.NewProcessGroup)
            flags |= Libc.POSIX_SPAWN_SETPGROUP;
        _ = Libc.posix_spawnattr_setflags(attributes, (short)flags);
    }

    internal static List<string> OwnEnvironment()
    {
        var list = new List<string>();
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            list.Add($"{entry.Key}={entry.Value}");
        return list;
    }

    private static void Check(int error, string what)
    {
        if (error != 0)
            throw new LinuxException("exec", what, (Errno)error);
    }
}
