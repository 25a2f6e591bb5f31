using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>
/// A folder that paths can't lead out of: absolute paths, "..", and symbolic links on the way are resolved as if it were the root
/// directory (openat2(2), RESOLVE_IN_ROOT). Magic links of /proc are refused. A symbolic link at the end of a path is never
/// followed. Not thread-safe.
/// </summary>
public sealed class RootedPath : IDisposable
{
    private const ulong InRoot = Libc.RESOLVE_IN_ROOT | Libc.RESOLVE_NO_MAGICLINKS;
    private static readonly int ReadFlags = Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOCTTY | Libc.O_CLOEXEC;

    private readonly SafeFileHandle _root;

    // A cache of one: consecutive entries of a tar are mostly in the same folder.
    private byte[]? _parentPath;
    private SafeFileHandle? _parent;

    private readonly ulong _resolve;

    private RootedPath(string root, SafeFileHandle handle, bool throughLinks) =>
        (Root, _root, _resolve) = (root, handle, InRoot | (throughLinks ? 0 : Libc.RESOLVE_NO_SYMLINKS));

    /// <summary>The folder as the caller named it.</summary>
    public string Root { get; }

    /// <summary>Opens a folder.</summary>
    /// <param name="root">The folder's path.</param>
    /// <param name="throughLinks">Whether paths may lead through symbolic links; if not, such a path is an error (ELOOP).</param>
    public static RootedPath Open(string root, bool throughLinks = true)
    {
        var handle = Libc.open(root, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        return handle.IsInvalid ? throw LinuxException.Last("open", root) : new RootedPath(root, handle, throughLinks);
    }

    /// <summary>Opens a folder that is open already. Paths may not lead through symbolic links.</summary>
    public static RootedPath Open(DirectoryHandle folder)
    {
        var handle = Libc.openat(folder.Handle, ".\0"u8, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        return handle.IsInvalid ? throw LinuxException.Last("open", ".") : new RootedPath(".", handle, throughLinks: false);
    }

    /// <summary>Reads what tells the folder from all others.</summary>
    public FileIdentity ReadIdentity() => FileIdentity.Read(_root);

    /// <summary>Opens a regular file for reading. Anything else (a FIFO, a device, a link) is an error (EINVAL or ELOOP).</summary>
    public SafeFileHandle OpenRead(PathName path)
    {
        using var name = Resolve(path, out var parent);
        var file = Libc.openat(parent, name.Terminated, ReadFlags, 0);
        if (file.IsInvalid)
            throw Failure("open", path);
        if (FileStatus.Read(file).IsRegularFile)
            return file;
        file.Dispose();
        throw new LinuxException("open", Shown(path), Errno.EINVAL);
    }

    /// <summary>Opens a subfolder. Anything else, a link to a folder included, is an error (ENOTDIR).</summary>
    public DirectoryHandle OpenFolder(PathName path)
    {
        using var name = Resolve(path, out var parent);
        var folder = Libc.openat(parent, name.Terminated, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
        return folder.IsInvalid ? throw Failure("open", path) : new DirectoryHandle(folder);
    }

    /// <summary>Creates a file that must not exist, and opens it for writing. The umask applies to the mode.</summary>
    public SafeFileHandle CreateFile(PathName path, uint mode = 0x180 /* 0600 */)
    {
        using var name = Resolve(path, out var parent);
        var file = Libc.openat(parent, name.Terminated, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, mode);
        return file.IsInvalid ? throw Failure("create", path) : file;
    }

    /// <summary>Creates a folder that must not exist. The umask applies to the mode.</summary>
    public void MakeDirectory(PathName path, uint mode = 0x1ED /* 0755 */)
    {
        using var name = Resolve(path, out var parent);
        Check(Libc.mkdirat(parent, name.Terminated, mode), "mkdir", path);
    }

    /// <summary>Creates a folder and its parents, as far as they are missing. The umask applies to the mode.</summary>
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

    /// <summary>Creates a symbolic link. The target is not checked.</summary>
    public void Symlink(PathName target, PathName path)
    {
        using var name = Resolve(path, out var parent);
        using var text = new CName(target.Bytes);
        Check(Libc.symlinkat(text.Terminated, parent, name.Terminated), "symlink", path);
        ClearCache();
    }

    /// <summary>Gives the file <paramref name="existing"/> another name. A symbolic link is linked itself.</summary>
    public void Hardlink(PathName existing, PathName path)
    {
        using var from = Resolve(existing, out var fromParent);
        using var held = Borrow(fromParent);
        using var name = Resolve(path, out var parent);
        Check(Libc.linkat(held.Handle, from.Terminated, parent, name.Terminated, 0), "link", path);
    }

    /// <summary>Creates a FIFO, device or socket.</summary>
    /// <param name="path">The path.</param>
    /// <param name="mode">The type (S_IF…) and the permission bits, to which the umask applies.</param>
    /// <param name="major">A device's major number.</param>
    /// <param name="minor">A device's minor number.</param>
    public void MakeNode(PathName path, uint mode, uint major = 0, uint minor = 0)
    {
        using var name = Resolve(path, out var parent);
        Check(Libc.mknodat(parent, name.Terminated, mode, Libc.MakeDev(major, minor)), "mknod", path);
    }

    /// <summary>
    /// Sets owner and group. The kernel clears the setuid and setgid bits of a file: call this before <see cref="SetMode"/>.
    /// </summary>
    public void SetOwner(PathName path, uint uid, uint gid)
    {
        using var name = Resolve(path, out var parent);
        Check(Libc.fchownat(parent, name.Terminated, uid, gid, Libc.AT_SYMLINK_NOFOLLOW), "chown", path);
    }

    /// <summary>Sets the permission, setuid, setgid and sticky bits. An error (EOPNOTSUPP) for a symbolic link.</summary>
    public void SetMode(PathName path, uint mode)
    {
        using var name = Resolve(path, out var parent);
        Check(Libc.fchmodat_nofollow(parent, name.Terminated, mode & 0xFFF), "chmod", path);
    }

    /// <summary>Sets modification and access time to the same value.</summary>
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

    /// <summary>The names of a file's extended attributes.</summary>
    public IReadOnlyList<string> ListXattrs(PathName path)
    {
        using var name = Resolve(path, out var parent);
        return Xattrs.List(parent, name.Terminated[..^1]);
    }

    /// <summary>Removes an extended attribute. Does nothing if there is none of that name.</summary>
    public void RemoveXattr(PathName path, string attribute)
    {
        using var name = Resolve(path, out var parent);
        Xattrs.Remove(parent, name.Terminated[..^1], attribute);
    }

    /// <summary>Removes a file or tree. Does nothing if there is nothing.</summary>
    public void Remove(PathName path)
    {
        using var name = Resolve(path, out var parent);
        FileTree.Remove(parent, name.Terminated[..^1]);
        ClearCache();
    }

    /// <summary>The status of a file; null if there is none.</summary>
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

    /// <summary>
    /// What a path leads to, and in which mount; null if there is nothing. Symbolic links are followed within the root, one at the end too.
    /// Nothing is opened for reading.
    /// </summary>
    public FileMountStatus? TryFind(PathName path)
    {
        using var terminated = new CName(path.Bytes);
        var how = new Libc.OpenHow { Flags = (ulong)(Libc.O_PATH | Libc.O_CLOEXEC), Resolve = _resolve };
        using var file = Libc.openat2(_root, terminated.Terminated, how);
        if (!file.IsInvalid)
            return FileMountStatus.Read(file);
        return LinuxException.LastErrno is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP ? null : throw Failure("open", path);
    }

    /// <summary>The target of a symbolic link.</summary>
    public byte[] ReadLink(PathName path)
    {
        using var name = Resolve(path, out var parent);
        return DirectoryHandle.ReadLink(parent, name.Terminated, Shown(path));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ClearCache();
        _root.Dispose();
    }

    /// <summary>Opens the folder of the path's last name, and gives that name; "." for the root itself.</summary>
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
            handle = Libc.openat2(_root, terminated.Terminated, how); // EAGAIN: a rename happened while ".." was resolved
        }
        while (handle.IsInvalid && LinuxException.LastErrno is Errno.EAGAIN or Errno.EINTR);
        if (handle.IsInvalid)
            throw Failure("open", path);
        ClearCache();
        (_parentPath, _parent) = (folder.ToArray(), handle);
        return handle;
    }

    /// <summary>Clears the cache: the cached path may lead elsewhere now.</summary>
    private void ClearCache()
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
