using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>Scheduling priority of threads.</summary>
public static class Niceness
{
    /// <summary>Sets the nice value of the calling thread (setpriority(2)). .NET's thread priorities have no effect on Linux.</summary>
    /// <param name="nice">0 is normal; 19 is the lowest priority.</param>
    public static void Set(int nice)
    {
        if (Libc.setpriority(Libc.PRIO_PROCESS, 0, nice) != 0)
            throw LinuxException.Last("setpriority");
    }
}
