using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>Extended attributes (xattr(7)). Symbolic links are not followed. Values are any bytes.</summary>
public static class Xattrs
{
    private const int MaximumValue = 65536; // XATTR_SIZE_MAX and XATTR_LIST_MAX

    /// <summary>The value of an attribute; null if there is none of that name.</summary>
    public static byte[]? Get(string path, string name) => Get(Terminated(path), Terminated(name), path);

    /// <summary>Like <see cref="Get(string, string)"/>, for a file in an open folder.</summary>
    public static byte[]? Get(SafeFileHandle directory, ReadOnlySpan<byte> file, string name)
    {
        using var held = new Borrowed(directory);
        return Get(InFolder(held, file), Terminated(name), Encoding.UTF8.GetString(file));
    }

    /// <summary>The names of all attributes; none if the file system has no extended attributes.</summary>
    public static IReadOnlyList<string> List(string path) => List(Terminated(path), path);

    /// <summary>Like <see cref="List(string)"/>, for a file in an open folder.</summary>
    public static IReadOnlyList<string> List(SafeFileHandle directory, ReadOnlySpan<byte> file)
    {
        using var held = new Borrowed(directory);
        return List(InFolder(held, file), Encoding.UTF8.GetString(file));
    }

    /// <summary>Sets an attribute.</summary>
    public static void Set(string path, string name, ReadOnlySpan<byte> value) => Set(Terminated(path), name, value, path);

    /// <summary>Sets an attribute of a file in an open folder.</summary>
    public static void Set(SafeFileHandle directory, ReadOnlySpan<byte> file, string name, ReadOnlySpan<byte> value)
    {
        using var held = new Borrowed(directory);
        Set(InFolder(held, file), name, value, Encoding.UTF8.GetString(file));
    }

    /// <summary>Removes an attribute. Does nothing if there is none of that name.</summary>
    public static void Remove(string path, string name) => Remove(Terminated(path), name, path);

    /// <summary>Like <see cref="Remove(string, string)"/>, for a file in an open folder.</summary>
    public static void Remove(SafeFileHandle directory, ReadOnlySpan<byte> file, string name)
    {
        using var held = new Borrowed(directory);
        Remove(InFolder(held, file), name, Encoding.UTF8.GetString(file));
    }

    private static byte[]? Get(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, string shown)
    {
        Span<byte> small = stackalloc byte[256];
        var length = Libc.lgetxattr(path, name, small, (nuint)small.Length);
        if (length >= 0)
            return small[..(int)length].ToArray();
        if (LinuxException.LastErrno is Errno.ENODATA or Errno.EOPNOTSUPP)
            return null;
        if (LinuxException.LastErrno != Errno.ERANGE)
            throw LinuxException.Last("getxattr", shown);
        var large = new byte[MaximumValue];
        length = Libc.lgetxattr(path, name, large, (nuint)large.Length);
        return length >= 0 ? large[..(int)length] : throw LinuxException.Last("getxattr", shown);
    }

    private static List<string> List(ReadOnlySpan<byte> path, string shown)
    {
        Span<byte> list = stackalloc byte[1024];
        var length = Libc.llistxattr(path, list, (nuint)list.Length);
        if (length < 0 && LinuxException.LastErrno == Errno.ERANGE)
        {
            list = new byte[MaximumValue];
            length = Libc.llistxattr(path, list, (nuint)list.Length);
        }

        if (length < 0)
            return LinuxException.LastErrno == Errno.EOPNOTSUPP ? [] : throw LinuxException.Last("listxattr", shown);
        var names = new List<string>();
        for (var rest = list[..(int)length]; rest.Length > 0;)
        {
            var end = rest.IndexOf((byte)0);
            names.Add(Encoding.UTF8.GetString(rest[..end]));
            rest = rest[(end + 1)..];
        }

        return names;
    }

    private static void Set(ReadOnlySpan<byte> path, string name, ReadOnlySpan<byte> value, string shown)
    {
        if (Libc.lsetxattr(path, Terminated(name), value, (nuint)value.Length, 0) != 0)
            throw LinuxException.Last($"setxattr {name}", shown);
    }

    private static void Remove(ReadOnlySpan<byte> path, string name, string shown)
    {
        if (Libc.lremovexattr(path, Terminated(name)) != 0 && LinuxException.LastErrno != Errno.ENODATA)
            throw LinuxException.Last($"removexattr {name}", shown);
    }

    // Before Linux 6.13 there is no getxattrat(2). Of this path the folder's magic link is followed, a link of the file's name is not.
    private static byte[] InFolder(Borrowed directory, ReadOnlySpan<byte> file)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{directory.Fd}/");
        var path = new byte[prefix.Length + file.Length + 1];
        Encoding.ASCII.GetBytes(prefix, path);
        file.CopyTo(path.AsSpan(prefix.Length));
        return path;
    }

    private static byte[] Terminated(string text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }
}
