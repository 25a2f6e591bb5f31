using System.Runtime.InteropServices;

namespace Stasis.Linux.Native;

/// <summary>poll.h.</summary>
internal static unsafe partial class Libc
{
    internal const short POLLIN = 1;
    internal const short POLLOUT = 4;

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int poll(PollFd* descriptors, nuint count, int milliseconds);
}
