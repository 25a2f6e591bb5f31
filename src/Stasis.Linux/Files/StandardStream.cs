using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Events;
using Stasis.Linux.Native;
using Stasis.Linux.Processes;

namespace Stasis.Linux.Files;

/// <summary>
/// Standard output or error, written with write(2). System.Console's streams would set up the terminal at the first write; a
/// <see cref="FileStream"/> would keep a position of its own, and overwrite what other processes write to the same file.
/// </summary>
/// <param name="handle">The descriptor. Not closed by this stream.</param>
/// <param name="name">The stream's name in errors.</param>
public sealed unsafe class StandardStream(SafeFileHandle handle, string name) : OneWayStream(writes: true)
{
    /// <summary>Standard output.</summary>
    public static StandardStream Output { get; } = new(Terminal.Standard(1), "standard output");

    /// <summary>Standard error.</summary>
    public static StandardStream Error { get; } = new(Terminal.Standard(2), "standard error");

    /// <summary>Standard input.</summary>
    public static Stream Input => new FileStream(Terminal.Standard(0), FileAccess.Read, bufferSize: 0);

    /// <summary>Writes all bytes. Blocks, even if the descriptor is non-blocking.</summary>
    /// <exception cref="LinuxException">EPIPE if the reader has closed its end, ENOSPC if the disk is full.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            nint written;
            fixed (byte* bytes = buffer)
                written = Libc.write(handle, bytes, (nuint)buffer.Length);
            if (written >= 0)
                buffer = buffer[(int)written..];
            else if (LinuxException.LastErrno == Errno.EAGAIN) // another process that shares the file may have made it non-blocking
                DescriptorWait.WaitUntilWritable(handle);
            else if (LinuxException.LastErrno != Errno.EINTR)
                throw LinuxException.Last("write", name);
        }
    }
}
