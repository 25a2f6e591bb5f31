using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux;

/// <summary>A folder's entries, names as raw bytes.</summary>
public static class DirectoryReader
{
    /// <summary>The names in an open folder, sorted by their bytes, without "." and "..". The folder must be open for reading and is read once.</summary>
    public static List<byte[]> Names(SafeFileHandle directory)
    {
        var names = Read(directory);
        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        return names;
    }

    internal static List<byte[]> Read(SafeFileHandle directory)
    {
        var names = new List<byte[]>();
        var buffer = new byte[32768];
        while (true)
        {
            var count = Libc.getdents64(directory, buffer, (nuint)buffer.Length);
            if (count < 0)
                throw LinuxException.Last("getdents64");
            if (count == 0)
                return names;
            // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name.
            for (var rest = buffer.AsSpan(0, (int)count); rest.Length > 0; rest = rest[BinaryPrimitives.ReadUInt16LittleEndian(rest[16..])..])
            {
                var name = rest[19..];
                name = name[..name.IndexOf((byte)0)];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    names.Add(name.ToArray());
            }
        }
    }
}
