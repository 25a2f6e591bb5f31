namespace Stasis.Linux.Memory;

/// <summary>The result of an attempt to supply pages.</summary>
/// <param name="Done">How many bytes were supplied.</param>
/// <param name="Error">Why no page was supplied; <see cref="Errno.None"/> if at least one was.</param>
public readonly record struct UserFaultCopyResult(long Done, Errno Error)
{
    // The kernel gives the number of bytes, or a negative error for the first page.
    internal static UserFaultCopyResult Partly(long result) => result switch
    {
        > 0 => new(result, Errno.None),
        < 0 => new(0, (Errno)(-result)),
        _ => new(0, LinuxException.LastErrno),
    };
}
