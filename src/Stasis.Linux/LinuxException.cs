using System.Runtime.InteropServices;

namespace Stasis.Linux;

/// <summary>A system call failed. The message has the call, the path and the error.</summary>
public sealed class LinuxException(string operation, string? path, Errno errno)
    : IOException(path is null ? $"{operation}: {errno.Describe()}" : $"{operation} {path}: {errno.Describe()}")
{
    /// <summary>The system call, or the composed operation, that failed.</summary>
    public string Operation { get; } = operation;

    /// <summary>The path that the call was made for; null if there is none.</summary>
    public string? Path { get; } = path;

    /// <summary>The error number.</summary>
    public Errno Errno { get; } = errno;

    /// <summary>The exception for the system call of this thread that has just failed.</summary>
    internal static LinuxException Last(string operation, string? path = null) => new(operation, path, LastErrno);

    /// <summary>The error number of this thread's last system call.</summary>
    internal static Errno LastErrno => (Errno)Marshal.GetLastPInvokeError();
}
