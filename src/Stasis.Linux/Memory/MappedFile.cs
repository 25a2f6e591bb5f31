using Stasis.Linux.Files;
using Stasis.Linux.Native;

namespace Stasis.Linux.Memory;

/// <summary>A file mapped read-only into memory (mmap(2)). The file may be deleted meanwhile, but not truncated.</summary>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly nint _address;

    private MappedFile(nint address, long length) => (_address, Length) = (address, length);

    /// <summary>The file's length in bytes.</summary>
    public long Length { get; }

    /// <summary>Maps a file. Reads nothing, so that the cost doesn't depend on the size.</summary>
    public static MappedFile Open(string path)
    {
        using var file = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        if (file.IsInvalid)
            throw LinuxException.Last("open", path);
        var length = FileStatus.Read(file).Size;
        if (length == 0)
            return new MappedFile(0, 0);
        var address = Libc.mmap(0, (nuint)length, Libc.PROT_READ, Libc.MAP_SHARED, file, 0);
        return address == -1 ? throw LinuxException.Last("mmap", path) : new MappedFile(address, length);
    }

    /// <summary>The address of a range of the file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range isn't in the file.</exception>
    public nint At(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return _address + (nint)offset;
    }

    /// <summary>
    /// Reads a range of the file and maps its pages at once. Does nothing before Linux 5.14: pages are read when they are
    /// touched.
    /// </summary>
    /// <exception cref="LinuxException">The file can't be read.</exception>
    public void Load(long offset, long length)
    {
        if (Libc.madvise(At(offset, length), (nuint)length, Libc.MADV_POPULATE_READ) == 0)
            return;
        if (LinuxException.LastErrno is not (Errno.EINVAL or Errno.EAGAIN or Errno.EINTR))
            throw LinuxException.Last("madvise");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Length > 0 && Libc.munmap(_address, (nuint)Length) != 0)
            throw LinuxException.Last("munmap");
    }
}
