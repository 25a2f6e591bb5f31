using System.Globalization;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>Process groups.</summary>
public static class ProcessGroup
{
    /// <summary>kill(2) to all of a group. False if there is nobody in it (zombies count).</summary>
    public static bool Signal(int group, int signal)
    {
        // -1 and below 0 would mean everybody.
        ArgumentOutOfRangeException.ThrowIfLessThan(group, 2);
        if (Libc.kill(-group, signal) == 0)
            return true;
        return LinuxException.LastErrno == Errno.ESRCH ? false : throw LinuxException.Last("kill", (-group).ToString(CultureInfo.InvariantCulture));
    }
}
