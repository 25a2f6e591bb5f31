using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>An open folder, to walk a tree without resolving paths again. Names have no slash; links are not followed.</summary>
public sealed class DirectoryHandle : IDisposable
{
    internal DirectoryHandle(SafeFileHandle handle) => Handle = handle;

    /// <summary>The folder's descriptor.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Opens a folder by its path. Links are followed.</summary>
    public static DirectoryHandle Open(string path)
    {
        var handle = Libc.open(path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        return handle.IsInvalid ? throw LinuxException.Last("open", path) : new DirectoryHandle(handle);
    }

    /// <summary>Opens a subfolder.</summary>
    public DirectoryHandle OpenFolder(PathName name) => new(OpenAt(name, Libc.O_DIRECTORY));

    /// <summary>Opens a file in the folder for reading. Doesn't block on a FIFO.</summary>
    public SafeFileHandle OpenFile(PathName name) => OpenAt(name, Libc.O_NONBLOCK | Libc.O_NOCTTY);

    /// <summary>Moves a file to another folder of the same file system (rename(2)). Replaces a file of that name there.</summary>
    public void MoveTo(PathName name, DirectoryHandle target)
    {
        using var terminated = new CName(name.Bytes);
        if (Libc.renameat(Handle, terminated.Terminated, target.Handle, terminated.Terminated) != 0)
            throw LinuxException.Last("rename", name.ToString());
    }

    /// <summary>The status of a file in the folder.</summary>
    public FileStatus Stat(PathName name) => FileStatus.Read(Handle, name.Bytes);

    /// <summary>The target of a symbolic link in the folder.</summary>
    public byte[] ReadLink(PathName name)
    {
        using var terminated = new CName(name.Bytes);
        return ReadLink(Handle, terminated.Terminated, name.ToString());
    }

    /// <summary>All names in the folder but "." and "..", sorted by their bytes.</summary>
    public List<byte[]> Names()
    {
        if (Libc.lseek(Handle, 0, Libc.SEEK_SET) != 0)
            throw LinuxException.Last("lseek");
        var names = ReadNames(Handle);
        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        return names;
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    /// <summary>The names from the descriptor's position on, in the file system's order.</summary>
    internal static List<byte[]> ReadNames(SafeFileHandle folder)
    {
        var names = new List<byte[]>();
        var buffer = new byte[32768];
        while (true)
        {
            var count = Libc.getdents64(folder, buffer, (nuint)buffer.Length);
            if (count < 0)
                throw LinuxException.Last("getdents64");
            if (count == 0)
                return names;
            // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name.
            var rest = buffer.AsSpan(0, (int)count);
            while (rest.Length > 0)
            {
                var name = rest[19..];
                name = name[..name.IndexOf((byte)0)];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    names.Add(name.ToArray());
                rest = rest[BinaryPrimitives.ReadUInt16LittleEndian(rest[16..])..];
            }
        }
    }

    internal static byte[] ReadLink(SafeFileHandle folder, ReadOnlySpan<byte> terminated, string shown)
    {
        Span<byte> target = stackalloc byte[4096]; // PATH_MAX: the longest target
        var length = Libc.readlinkat(folder, terminated, target, (nuint)target.Length);
        return length >= 0 ? target[..(int)length].ToArray() : throw LinuxException.Last("readlink", shown);
    }

    private SafeFileHandle OpenAt(PathName name, int flags)
    {
        using var terminated = new CName(name.Bytes);
        var handle = Libc.openat(Handle, terminated.Terminated, flags | Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
        return handle.IsInvalid ? throw LinuxException.Last("open", Encoding.UTF8.GetString(name.Bytes)) : handle;
    }
}
