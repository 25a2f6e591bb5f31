namespace Stasis.Linux.Memory;

/// <summary>Kind of a <see cref="UserFaultEvent"/>.</summary>
public enum UserFaultKind
{
    /// <summary>A thread waits for a missing page.</summary>
    Missing,
    /// <summary>The process forked. Pages that were missing are missing in the child too; the child has a descriptor of its own.</summary>
    Fork,
    /// <summary>A range was moved (mremap(2)).</summary>
    Move,
    /// <summary>The content of a range was discarded (madvise(2), MADV_DONTNEED and others): the range is zero now.</summary>
    Discard,
    /// <summary>A range was unmapped (munmap(2)).</summary>
    Unmap,
}

/// <summary>An event of a <see cref="UserFaultFd"/>.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Address">The address in the process, or the first one of a range.</param>
/// <param name="To">The new address, after a move.</param>
/// <param name="Length">Length of the range in bytes.</param>
/// <param name="Child">The child's descriptor, after a fork.</param>
public readonly record struct UserFaultEvent(UserFaultKind Kind, ulong Address, ulong To, long Length, UserFaultFd? Child);
