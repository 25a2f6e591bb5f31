using System.Globalization;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>Process groups.</summary>
public static class ProcessGroup
{
    /// <summary>Sends a signal to all processes of a group (kill(2)). False if the group is empty; zombies count.</summary>
    public static bool Signal(int group, int signal)
    {
        // kill(2) takes -1 for all processes, and 0 for the caller's own group.
        ArgumentOutOfRangeException.ThrowIfLessThan(group, 2);
        if (Libc.kill(-group, signal) == 0)
            return true;
        if (LinuxException.LastErrno == Errno.ESRCH)
            return false;
        throw LinuxException.Last("kill", (-group).ToString(CultureInfo.InvariantCulture));
    }
}
