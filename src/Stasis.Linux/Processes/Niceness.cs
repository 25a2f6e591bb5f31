using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>How much of the processor a thread gets when others want it too.</summary>
public static class Niceness
{
    /// <summary>Gives the calling thread less of it (setpriority(2)). .NET's own thread priorities do nothing on Linux.</summary>
    /// <param name="nice">0 as usual, 19 the least.</param>
    public static void Set(int nice)
    {
        if (Libc.setpriority(Libc.PRIO_PROCESS, 0, nice) != 0)
            throw LinuxException.Last("setpriority");
    }
}
