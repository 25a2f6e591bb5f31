namespace Stasis.Linux.Memory;

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
