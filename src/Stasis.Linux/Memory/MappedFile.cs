using Stasis.Linux.Files;
using Stasis.Linux.Native;

namespace Stasis.Linux.Memory;

/// <summary>A file as memory, read-only (mmap(2)). The file may lose its name meanwhile; it must not be shortened.</summary>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly nint _address;

    private MappedFile(nint address, long length) => (_address, Length) = (address, length);

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>Maps the whole of a file. Costs the same for any size: nothing is read.</summary>
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

    /// <summary>Where in this process a range of the file lies.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It isn't in the file.</exception>
    public nint At(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return _address + (nint)offset;
    }

    /// <summary>Has a range of the file read from the disk and entered into this process's page table, in one go. Where the kernel can't (before 5.14), it comes page by page.</summary>
    /// <exception cref="LinuxException">It can't be read.</exception>
    public void Load(long offset, long length)
    {
        if (Libc.madvise(At(offset, length), (nuint)length, Libc.MADV_POPULATE_READ) != 0 && LinuxException.LastErrno is not (Errno.EINVAL or Errno.EAGAIN or Errno.EINTR))
            throw LinuxException.Last("madvise");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Length > 0 && Libc.munmap(_address, (nuint)Length) != 0)
            throw LinuxException.Last("munmap");
    }
}
