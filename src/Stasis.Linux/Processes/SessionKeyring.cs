using System.Runtime.InteropServices;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>The keyring of keys that a session's processes share (session-keyring(7)).</summary>
public static unsafe class SessionKeyring
{
    /// <summary>
    /// Gives the calling thread, and what it starts, the session keyring of a name, which is made if need be. Does nothing if keyctl(2)
    /// isn't allowed or the kernel has no keyrings.
    /// </summary>
    public static void JoinOnThread(string name)
    {
        var text = Marshal.StringToCoTaskMemUTF8(name);
        try
        {
            if (Libc.join_session_keyring((byte*)text) < 0 && LinuxException.LastErrno is not (Errno.ENOSYS or Errno.EPERM))
                throw LinuxException.Last("keyctl", name);
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }
}
