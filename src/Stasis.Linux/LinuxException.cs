using System.Runtime.InteropServices;

namespace Stasis.Linux;

/// <summary>A system call failed: which one, on what, and with which <see cref="Errno"/>.</summary>
public sealed class LinuxException(string operation, string? path, Errno errno)
    : IOException(path is null ? $"{operation}: {errno.Describe()}" : $"{operation} {path}: {errno.Describe()}")
{
    /// <summary>The system call, or the composed operation, that failed.</summary>
    public string Operation { get; } = operation;

    /// <summary>The path it was called on, if it took one.</summary>
    public string? Path { get; } = path;

    /// <summary>The error number that the kernel gave.</summary>
    public Errno Errno { get; } = errno;

    /// <summary>For the call that has just failed.</summary>
    internal static LinuxException Last(string operation, string? path = null) => new(operation, path, LastErrno);

    internal static Errno LastErrno => (Errno)Marshal.GetLastPInvokeError();
}
