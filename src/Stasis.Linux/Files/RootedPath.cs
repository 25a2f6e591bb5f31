using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>
/// A folder that paths can't lead out of: absolute paths, "..", and symbolic links on the way are resolved as if it were the root
/// (openat2(2) RESOLVE_IN_ROOT), and magic links of /proc not at all. The last name of a path is never followed if it is a link.
/// Not for use by several threads at once.
/// </summary>
public sealed class RootedPath : IDisposable
{
    private readonly SafeFileHandle _root;

    // Paths of a tar come folder by folder, so the last one's parent is nearly always the next one's too.
    private byte[]? _parentPath;
    private SafeFileHandle? _parent;

    private readonly ulong _resolve;

    private RootedPath(string root, SafeFileHandle handle, bool throughLinks) =>
        (Root, _root, _resolve) = (root, handle, Libc.RESOLVE_IN_ROOT | Libc.RESOLVE_NO_MAGICLINKS | (throughLinks ? 0 : Libc.RESOLVE_NO_SYMLINKS));

    /// <summary>The folder as the caller named it.</summary>
    public string Root { get; }

    /// <summary>Opens the folder <paramref name="root"/>.</summary>
    /// <param name="root">Its path.</param>
    /// <param name="throughLinks">Whether a symbolic link may be on the way of a path; otherwise one is an ELOOP.</param>
    public static RootedPath Open(string root, bool throughLinks = true)
    {
        var handle = Libc.open(root, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        return handle.IsInvalid ? throw LinuxException.Last("open", root) : new RootedPath(root, handle, throughLinks);
    }

    /// <summary>Opens for reading a regular file. Anything else (a FIFO, a device, a link) is an EINVAL or ELOOP.</summary>
    public SafeFileHandle OpenRead(PathName path)
    {
        using var name = Resolve(path, out var parent);
        var file = Libc.openat(parent, name.Terminated, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOCTTY | Libc.O_CLOEXEC, 0);
        if (file.IsInvalid)
            throw Failure("open", path);
        if (FileStatus.Read(file).IsRegularFile)
            return file;
        file.Dispose();
        throw new LinuxException("open", Shown(path), Errno.EINVAL);
    }

    /// <summary>Opens a folder, to walk the tree beneath it. Anything else (a link to one too) is an ENOTDIR.</summary>
    public DirectoryHandle OpenFolder(PathName path)
    {
        using var name = Resolve(path, out var parent);
        var folder = Libc.openat(parent, name.Terminated, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
        return folder.IsInvalid ? throw Failure("open", path) : new DirectoryHandle(folder);
    }

    /// <summary>Makes a file that must not be there yet, open for writing; the mode is subject to the umask.</summary>
    public SafeFileHandle CreateFile(PathName path, uint mode = 0x180 /* 0600 */)
    {
        using var name = Resolve(path, out var parent);
        var file = Libc.openat(parent, name.Terminated, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, mode);
        return file.IsInvalid ? throw Failure("create", path) : file;
    }

    /// <summary>Makes a folder that must not be there yet; the mode is subject to the umask.</summary>
    public void MakeDirectory(PathName path, uint mode = 0x1ED /* 0755 */)
    {
        using var name = Resolve(path, out var parent);
        Check(Libc.mkdirat(parent, name.Terminated, mode), "mkdir", path);
    }

    /// <summary>Makes a folder and those above it, as far as they are missing.</summary>
    public void MakeDirectories(PathName path, uint mode = 0x1ED /* 0755 */)
    {
        var bytes = path.Bytes.TrimEnd((byte)'/');
        for (var end = 0; end < bytes.Length; end++)
        {
            var slash = bytes[(end + 1)..].IndexOf((byte)'/');
            end = slash < 0 ? bytes.Length : end + 1 + slash;
            if (Stat(bytes[..end]) is null)
                MakeDirectory(bytes[..end], mode);
        }
    }

    /// <summary>Makes a symbolic link; its target is any text.</summary>
    public void Symlink(PathName target, PathName path)
    {
        using var name = Resolve(path, out var parent);
        using var text = new CName(target.Bytes);
        Check(Libc.symlinkat(text.Terminated, parent, name.Terminated), "symlink", path);
        Forget();
    }

    /// <summary>Gives the file <paramref name="existing"/> (a link: the link itself) another name.</summary>
    public void Hardlink(PathName existing, PathName path)
    {
        using var from = Resolve(existing, out var fromParent);
        using var held = Borrow(fromParent);
        using var name = Resolve(path, out var parent);
        Check(Libc.linkat(held.Handle, from.Terminated, parent, name.Terminated, 0), "link", path);
    }

    /// <summary>Makes a FIFO, device or socket node: <paramref name="mode"/> has the type (S_IF…) and the permission bits, which are subject to the umask.</summary>
    public void MakeNode(PathName path, uint mode, uint major = 0, uint minor = 0)
    {
        using var name = Resolve(path, out var parent);
        Check(Libc.mknodat(parent, name.Terminated, mode, Libc.MakeDev(major, minor)), "mknod", path);
    }

    /// <summary>Sets owner and group. The kernel then takes setuid and setgid bits off a file, so this comes before <see cref="SetMode"/>.</summary>
    public void SetOwner(PathName path, uint uid, uint gid)
    {
        using var name = Resolve(path, out var parent);
        Check(Libc.fchownat(parent, name.Terminated, uid, gid, Libc.AT_SYMLINK_NOFOLLOW), "chown", path);
    }

    /// <summary>Sets the permission bits, with setuid, setgid and sticky. Of a link: EOPNOTSUPP.</summary>
    public void SetMode(PathName path, uint mode)
    {
        using var name = Resolve(path, out var parent);
        Check(Libc.fchmodat_nofollow(parent, name.Terminated, mode & 0xFFF), "chmod", path);
    }

    /// <summary>Sets the modification time, and the access time to the same.</summary>
    public void SetTimes(PathName path, long seconds, uint nanoseconds)
    {
        using var name = Resolve(path, out var parent);
        var time = new Libc.Timespec { Seconds = seconds, Nanoseconds = nanoseconds };
        Check(Libc.utimensat(parent, name.Terminated, [time, time], Libc.AT_SYMLINK_NOFOLLOW), "utimensat", path);
    }

    /// <summary>Sets an extended attribute.</summary>
    public void SetXattr(PathName path, string attribute, ReadOnlySpan<byte> value)
    {
        using var name = Resolve(path, out var parent);
        Xattrs.Set(parent, name.Terminated[..^1], attribute, value);
    }

    /// <summary>The names of its extended attributes.</summary>
    public IReadOnlyList<string> ListXattrs(PathName path)
    {
        using var name = Resolve(path, out var parent);
        return Xattrs.List(parent, name.Terminated[..^1]);
    }

    /// <summary>Removes an extended attribute. Nothing if there is none of that name.</summary>
    public void RemoveXattr(PathName path, string attribute)
    {
        using var name = Resolve(path, out var parent);
        Xattrs.Remove(parent, name.Terminated[..^1], attribute);
    }

    /// <summary>Removes a file or a whole tree. Nothing if it isn't there.</summary>
    public void Remove(PathName path)
    {
        using var name = Resolve(path, out var parent);
        FileTree.Remove(parent, name.Terminated[..^1]);
        Forget();
    }

    /// <summary>What lies at the path; null if nothing does.</summary>
    public FileStatus? Stat(PathName path)
    {
        try
        {
            using var name = Resolve(path, out var parent);
            return FileStatus.TryRead(parent, name.Terminated[..^1]);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
    }

    /// <summary>A link's target.</summary>
    public byte[] ReadLink(PathName path)
    {
        using var name = Resolve(path, out var parent);
        return DirectoryHandle.ReadLink(parent, name.Terminated, Shown(path));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        _root.Dispose();
    }

    /// <summary>The folder that the path's last name lies in, and that name; "." for the root itself.</summary>
    private CName Resolve(PathName path, out SafeFileHandle parent)
    {
        var bytes = path.Bytes.TrimEnd((byte)'/');
        var slash = bytes.LastIndexOf((byte)'/');
        var name = bytes[(slash + 1)..];
        var folder = slash < 0 ? default : bytes[..slash];
        if (name.SequenceEqual(".."u8))
            throw new LinuxException("path", Shown(path), Errno.EINVAL);
        parent = folder.Length == 0 ? _root : OpenParent(folder, path);
        return new CName(name.Length == 0 ? "."u8 : name);
    }

    private SafeFileHandle OpenParent(ReadOnlySpan<byte> folder, PathName path)
    {
        if (_parentPath is not null && folder.SequenceEqual(_parentPath))
            return _parent!;
        using var terminated = new CName(folder);
        var how = new Libc.OpenHow
        {
            Flags = (ulong)(Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC),
            Resolve = _resolve,
        };
        SafeFileHandle handle;
        do
        {
            handle = Libc.openat2(_root, terminated.Terminated, how);
        }
        while (handle.IsInvalid && LinuxException.LastErrno is Errno.EAGAIN or Errno.EINTR); // EAGAIN: something was renamed while ".." was resolved
        if (handle.IsInvalid)
            throw Failure("open", path);
        Forget();
        (_parentPath, _parent) = (folder.ToArray(), handle);
        return handle;
    }

    /// <summary>Where the path that is cached leads may have changed.</summary>
    private void Forget()
    {
        _parent?.Dispose();
        (_parentPath, _parent) = (null, null);
    }

    /// <summary>Takes the cached parent out of the cache, so that resolving another path doesn't close it.</summary>
    private HeldParent Borrow(SafeFileHandle parent)
    {
        if (parent == _root)
            return new HeldParent(parent, owned: false);
        (_parentPath, _parent) = (null, null);
        return new HeldParent(parent, owned: true);
    }

    private string Shown(PathName path) => $"{Root}: {Encoding.UTF8.GetString(path.Bytes)}";

    private LinuxException Failure(string operation, PathName path) => LinuxException.Last(operation, Shown(path));

    private void Check(int result, string operation, PathName path)
    {
        if (result != 0)
            throw Failure(operation, path);
    }

    private readonly struct HeldParent(SafeFileHandle handle, bool owned) : IDisposable
    {
        public SafeFileHandle Handle => handle;

        public void Dispose()
        {
            if (owned)
                handle.Dispose();
        }
    }
}
