using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Events;
using Stasis.Linux.Native;
using Stasis.Linux.Processes;

namespace Stasis.Linux.Files;

/// <summary>
/// Standard output or error, written with write(2) as they are. System.Console's streams set up the terminal when they are first written to; a
/// <see cref="FileStream"/> keeps a position of its own, where all who have a file as their output must share the kernel's.
/// </summary>
/// <param name="handle">What is written to; closed by whoever opened it.</param>
/// <param name="name">What an error calls it.</param>
public sealed unsafe class StandardStream(SafeFileHandle handle, string name) : OneWayStream(writes: true)
{
    /// <summary>Standard output.</summary>
    public static StandardStream Output { get; } = new(Terminal.Standard(1), "standard output");

    /// <summary>Standard error.</summary>
    public static StandardStream Error { get; } = new(Terminal.Standard(2), "standard error");

    /// <summary>Standard input, to be read.</summary>
    public static Stream Input => new FileStream(Terminal.Standard(0), FileAccess.Read, bufferSize: 0);

    /// <summary>Writes all of it, however long that takes.</summary>
    /// <exception cref="LinuxException">It can't be written: EPIPE when nobody reads it any more, ENOSPC on a full disk.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            nint written;
            fixed (byte* bytes = buffer)
                written = Libc.write(handle, bytes, (nuint)buffer.Length);
            if (written >= 0)
                buffer = buffer[(int)written..];
            else if (LinuxException.LastErrno == Errno.EAGAIN) // others who share it may have made it non-blocking
                Poller.WaitUntilWritable(handle);
            else if (LinuxException.LastErrno != Errno.EINTR)
                throw LinuxException.Last("write", name);
        }
    }
}
