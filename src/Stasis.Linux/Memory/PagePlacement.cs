namespace Stasis.Linux.Memory;

/// <summary>How far an attempt to supply pages came.</summary>
/// <param name="Done">Bytes that were supplied.</param>
/// <param name="Error">Why none was; <see cref="Errno.None"/> if any was, even where the next one couldn't be.</param>
public readonly record struct PagePlacement(long Done, Errno Error)
{
    // The kernel gives the number of bytes, or a negative error for the first page.
    internal static PagePlacement Partly(long result) => result switch
    {
        > 0 => new(result, Errno.None),
        < 0 => new(0, (Errno)(-result)),
        _ => new(0, LinuxException.LastErrno),
    };
}
