using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>spawn.h. These functions return the error number; they don't set errno.</summary>
internal static unsafe partial class Libc
{
    internal const short POSIX_SPAWN_SETPGROUP = 0x02;
    internal const short POSIX_SPAWN_SETSIGDEF = 0x04;
    internal const short POSIX_SPAWN_SETSIGMASK = 0x08;
    internal const short POSIX_SPAWN_SETSID = 0x80;

    /// <summary>posix_spawnattr_t: 336 bytes in glibc.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 512)]
    internal struct SpawnAttributes { private long _first; }

    /// <summary>posix_spawn_file_actions_t: 80 bytes in glibc.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    internal struct SpawnFileActions { private long _first; }

    [LibraryImport("libc")]
    internal static partial int posix_spawn(
        int* pid,
        byte* path,
        SpawnFileActions* actions,
        SpawnAttributes* attributes,
        byte** argv,
        byte** environment);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_init(SpawnAttributes* attributes);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_destroy(SpawnAttributes* attributes);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_setflags(SpawnAttributes* attributes, short flags);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_setsigmask(SpawnAttributes* attributes, SignalSet* mask);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_setsigdefault(SpawnAttributes* attributes, SignalSet* defaults);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_init(SpawnFileActions* actions);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_destroy(SpawnFileActions* actions);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int posix_spawn_file_actions_addopen(SpawnFileActions* actions, int fd, string path, int flags, uint mode);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_adddup2(SpawnFileActions* actions, int from, int to);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_addclose(SpawnFileActions* actions, int fd);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_addclosefrom_np(SpawnFileActions* actions, int from);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int posix_spawn_file_actions_addchdir_np(SpawnFileActions* actions, string path);
}
