using System.Collections;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>
/// Starts programs with posix_spawn(3): no code of the .NET runtime runs between fork and exec. A child starts with no signal blocked, with
/// every signal's default action, and with no descriptors but those in <see cref="SpawnOptions.Descriptors"/>.
/// </summary>
public static unsafe class Spawn
{
    /// <summary>Starts a program.</summary>
    /// <exception cref="LinuxException">The program can't be started; ENOENT if there is none.</exception>
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
        var environment = options.Environment ?? CurrentEnvironment();
        var path = environment.FirstOrDefault(variable => variable.StartsWith("PATH=", StringComparison.Ordinal))?["PATH=".Length..];
        var program = ExecutablePath.Find(options.Program, path) ?? throw new LinuxException("exec", options.Program, Errno.ENOENT);
        using var moved = new ChildDescriptors(options.Descriptors);
        using var file = new NativeStringArray([program]);
        using var arguments = new NativeStringArray([options.CalledName ?? options.Program, .. options.Arguments]);
        using var variables = new NativeStringArray(environment);

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
                    // posix_spawn(3) doesn't tell which of its steps failed.
                    if (!Directory.Exists(directory))
                        throw new LinuxException("chdir", directory, Errno.ENOENT);
                    Check(Libc.posix_spawn_file_actions_addchdir_np(&actions, directory), program);
                }

                SetAttributes(&attributes, options);
                int pid;
                Check(Libc.posix_spawn(&pid, file.Pointers[0], &actions, &attributes, arguments.Pointers, variables.Pointers), program);
                try
                {
                    return new ChildProcess(pid);
                }
                catch (LinuxException e) when (e.Errno != Errno.ESRCH)
                {
                    _ = Libc.kill(pid, Signals.Kill); // EMFILE, say: without a pidfd nobody could wait for the child
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
    /// Runs a program in a process group of its own until it ends, and captures its output. Cancelling kills the group. Output of
    /// descendants after the program's end is not waited for.
    /// </summary>
    /// <param name="options">What to run.</param>
    /// <param name="timeout">The time limit, after which the group is killed; null for none.</param>
    /// <param name="cancellation">Kills the group.</param>
    /// <exception cref="TimeoutException">The time limit has passed.</exception>
    /// <exception cref="LinuxException">The program can't be started; ENOENT if there is none.</exception>
    public static Task<ProgramResult> RunAsync(SpawnOptions options, TimeSpan? timeout, CancellationToken cancellation) =>
        ProcessRunner.RunAsync(options, timeout, cancellation);

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
        // sigfillset(3) leaves out 32 and 33, and glibc would make the child ignore them.
        new Span<byte>(&all, sizeof(Libc.SignalSet)).Fill(0xFF);
        _ = Libc.posix_spawnattr_setsigmask(attributes, &none);
        _ = Libc.posix_spawnattr_setsigdefault(attributes, &all);
        var flags = Libc.POSIX_SPAWN_SETSIGMASK | Libc.POSIX_SPAWN_SETSIGDEF;
        if (options.NewSession)
            flags |= Libc.POSIX_SPAWN_SETSID;
        else if (options.NewProcessGroup)
            flags |= Libc.POSIX_SPAWN_SETPGROUP;
        _ = Libc.posix_spawnattr_setflags(attributes, (short)flags);
    }

    /// <summary>This process's environment, as KEY=VALUE.</summary>
    internal static List<string> CurrentEnvironment()
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
