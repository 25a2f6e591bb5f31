namespace Stasis.Linux.Native;

/// <summary>linux/keyctl.h.</summary>
internal static partial class Libc
{
    private const nint KEYCTL_JOIN_SESSION_KEYRING = 1;

    private static nint SYS_keyctl => IsArm ? 219 : 250;

    /// <summary>Gives the calling thread a new anonymous session keyring.</summary>
    internal static nint join_new_session_keyring() => Syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0);

    /// <summary>Gives the calling thread the session keyring of that name.</summary>
    internal static unsafe nint join_session_keyring(byte* name) => Syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, (nint)name, 0, 0);
}
