using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>
/// Copies file content: shares blocks (FICLONE) if the file system can, else copies in the kernel, else through a buffer. Holes stay holes.
/// </summary>
public static unsafe class FileCopy
{
    /// <summary>Copies all of <paramref name="from"/> to <paramref name="to"/>, which must be empty.</summary>
    public static void Copy(SafeFileHandle from, SafeFileHandle to)
    {
        if (Libc.ioctl(to, Libc.FICLONE, from) == 0)
            return;
        var length = RandomAccess.GetLength(from);
        foreach (var (offset, count) in Extents(from, length))
            CopyRange(from, offset, to, offset, count);
        if (Libc.ftruncate(to, length) != 0)
            throw LinuxException.Last("ftruncate");
    }

    /// <summary>The extents of a file that have data: between them are holes. One extent if the file system can't tell.</summary>
    public static List<(long Offset, long Length)> Extents(SafeFileHandle file, long length)
    {
        var extents = new List<(long, long)>();
        for (long end = 0; end < length;)
        {
            var start = Libc.lseek(file, end, Libc.SEEK_DATA);
            if (start < 0 && LinuxException.LastErrno == Errno.ENXIO)
                break; // only a hole is left
            if (start < 0 && LinuxException.LastErrno == Errno.EINVAL)
                return [(0, length)];
            end = start < 0 ? -1 : Libc.lseek(file, start, Libc.SEEK_HOLE);
            if (end < 0)
                throw LinuxException.Last("lseek");
            if (start >= length)
                break;
            end = Math.Min(end, length);
            extents.Add((start, end - start));
        }

        return extents;
    }

    /// <summary>
    /// Copies a part of a file into another one. If the file system can share blocks and both offsets are multiples of the block
    /// size, the kernel shares them and copies nothing (copy_file_range(2), since Linux 5.3).
    /// </summary>
    /// <exception cref="EndOfStreamException">The source file is shorter.</exception>
    public static void CopyRange(SafeFileHandle from, long offset, SafeFileHandle to, long toOffset, long count)
    {
        while (count > 0)
        {
            long source = offset, target = toOffset;
            var copied = Libc.copy_file_range(from, &source, to, &target, (nuint)count, 0);
            if (copied < 0 && LinuxException.LastErrno is Errno.EXDEV or Errno.EINVAL or Errno.ENOSYS or Errno.EOPNOTSUPP)
            {
                CopyThroughBuffer(from, offset, to, toOffset, count);
                return;
            }

            if (copied < 0)
                throw LinuxException.Last("copy_file_range");
            if (copied == 0)
                throw EndedEarly(count);
            offset += copied;
            toOffset += copied;
            count -= copied;
        }
    }

    /// <summary>
    /// Makes a part of a file share blocks with another file (FICLONERANGE). Both offsets must be multiples of the file system's
    /// block size, and so must the length, unless the part reaches the source file's end. False if the file system can't share
    /// blocks.
    /// </summary>
    public static bool TryShareRange(SafeFileHandle from, long offset, SafeFileHandle to, long toOffset, long count)
    {
        using var source = new Borrowed(from);
        var range = new Libc.FileCloneRange { From = source.Fd, Offset = (ulong)offset, Length = (ulong)count, ToOffset = (ulong)toOffset };
        return Libc.ioctl(to, Libc.FICLONERANGE, &range) == 0;
    }

    private static void CopyThroughBuffer(SafeFileHandle from, long offset, SafeFileHandle to, long toOffset, long count)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            while (count > 0)
            {
                var read = RandomAccess.Read(from, buffer.AsSpan(0, (int)Math.Min(count, buffer.Length)), offset);
                if (read == 0)
                    throw EndedEarly(count);
                RandomAccess.Write(to, buffer.AsSpan(0, read), toOffset);
                offset += read;
                toOffset += read;
                count -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static EndOfStreamException EndedEarly(long count) => new($"the file ended {count} bytes early while it was copied");
}
