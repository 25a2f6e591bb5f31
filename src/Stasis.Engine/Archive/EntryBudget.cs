using Stasis.Engine.Errors;

namespace Stasis.Engine.Archive;

/// <summary>
/// Counts what an archive makes this host create: entries of the archive and of the tars in it, and the lengths of sparse files, which a
/// tar says in a few bytes.
/// </summary>
/// <param name="archive">The archive's name in messages.</param>
/// <param name="length">Bytes of the archive, as it is compressed, as far as it has been read.</param>
/// <param name="limits">The limits.</param>
internal sealed class EntryBudget(string archive, Func<long> length, ArchiveLimits limits)
{
    private long _entries, _sparse;

    /// <summary>Counts an entry.</summary>
    /// <param name="tar">The tar within the archive that the entry is in; null for the archive itself.</param>
    /// <param name="cost">How many entries it counts for: folders that only its name tells of are made, too.</param>
    /// <exception cref="ArchiveException">There are too many.</exception>
    public void CountEntry(string? tar, long cost = 1)
    {
        _entries += cost;
        if (_entries <= limits.EntriesFrom || limits.BytesPerEntry == 0 || _entries * limits.BytesPerEntry <= length())
            return;
        throw new ArchiveException(
            archive,
            tar,
            $"it has more than {_entries - cost} entries and folders of entries in {length()} bytes: beyond {limits.EntriesFrom} of them, "
                + $"each must have {limits.BytesPerEntry} bytes of the archive")
        {
            Remedy = "allow more with --max-entries, if it is known to hold a container with as many small files",
        };
    }

    /// <summary>Counts a sparse file of a tar within the archive, holes included.</summary>
    /// <exception cref="ArchiveException">All sparse files together are too long, in total or for the archive's length.</exception>
    public void CountSparse(string tar, string name, long size)
    {
        _sparse = _sparse > long.MaxValue - size ? long.MaxValue : _sparse + size;
        if (_sparse > limits.MaxSize)
            throw TooLong($"more than {limits.MaxSize} are refused", "allow more with --max-size");
        if (_sparse > limits.SparseFrom && _sparse / limits.MaxRatio > length())
            throw TooLong(
                $"beyond {limits.SparseFrom} bytes, more than {limits.MaxRatio} times the archive's size are refused",
                "allow more with --max-ratio, if it is known to hold a container with such files");

        ArchiveException TooLong(string limit, string remedy) => new(
            archive,
            tar,
            $"its sparse files up to {EntryNameValidator.Shown(name)} have {_sparse} bytes with their holes: {limit}")
        {
            Remedy = remedy,
        };
    }
}
