namespace Stasis.Linux;

/// <summary>What has happened to memory that is supplied on demand.</summary>
public enum UserFaultKind
{
    /// <summary>A thread waits for a page.</summary>
    Missing,
    /// <summary>The process forked: what was missing is missing in the child too, and supplied by a descriptor of the child's own.</summary>
    Fork,
    /// <summary>A range was moved (mremap(2)).</summary>
    Move,
    /// <summary>The content of a range was discarded (madvise(2): MADV_DONTNEED and its like): it is zero now.</summary>
    Discard,
    /// <summary>A range is no longer mapped.</summary>
    Unmap,
}

/// <summary>An event of a <see cref="UserFaultFd"/>.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Address">Where, in the process.</param>
/// <param name="To">Of a move: where to.</param>
/// <param name="Length">Bytes, of a range.</param>
/// <param name="Child">Of a fork: the child's descriptor.</param>
public readonly record struct UserFaultEvent(UserFaultKind Kind, ulong Address, ulong To, long Length, UserFaultFd? Child);

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
