using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Mounts;

/// <summary>A mount, or a tree of mounts, that isn't attached (open_tree(2), fsmount(2)), and vanishes unless it is.</summary>
public sealed class DetachedMount : IDisposable
{
    private readonly SafeFileHandle _handle;

    private DetachedMount(SafeFileHandle handle) => _handle = handle;

    /// <summary>The root directory of the mount.</summary>
    internal SafeFileHandle Handle => _handle;

    /// <summary>Copies the mount at a path, as a bind mount would. A symbolic link at the end of the path is followed.</summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="recursive">Whether the mounts beneath are copied too.</param>
    public static DetachedMount Clone(string path, bool recursive)
    {
        var flags = Libc.OPEN_TREE_CLONE | (uint)Libc.O_CLOEXEC | (recursive ? (uint)Libc.AT_RECURSIVE : 0);
        var tree = Libc.open_tree(Libc.AT_FDCWD, path, flags);
        return tree.IsInvalid ? throw LinuxException.Last("open_tree", path) : new DetachedMount(tree);
    }

    /// <summary>Mounts a new file system.</summary>
    /// <param name="type">Its type, such as tmpfs.</param>
    /// <param name="restrictions">The mount's attributes.</param>
    /// <param name="options">The file system's options.</param>
    public static DetachedMount Create(string type, MountRestrictions restrictions, params ReadOnlySpan<(string Key, string Value)> options)
    {
        using var context = Libc.fsopen(type, Libc.FSOPEN_CLOEXEC);
        if (context.IsInvalid)
            throw LinuxException.Last("fsopen", type);
        foreach (var (key, value) in options)
        {
            if (Libc.fsconfig(context, Libc.FSCONFIG_SET_STRING, key, value, 0) != 0)
                throw LinuxException.Last("fsconfig", $"{type} {key}={value}");
        }
        if (Libc.fsconfig(context, Libc.FSCONFIG_CMD_CREATE, null, null, 0) != 0)
            throw LinuxException.Last("fsconfig", type);
        var mount = Libc.fsmount(context, Libc.FSMOUNT_CLOEXEC, (uint)restrictions);
        return mount.IsInvalid ? throw LinuxException.Last("fsmount", type) : new DetachedMount(mount);
    }

    /// <summary>Adds attributes to the mount, and to those beneath it.</summary>
    public DetachedMount Restrict(MountRestrictions restrictions)
    {
        var attributes = new Libc.MountAttr { Set = (ulong)restrictions };
        var flags = (uint)(Libc.AT_EMPTY_PATH | Libc.AT_RECURSIVE);
        return Libc.mount_setattr(_handle, "", flags, in attributes, (nuint)Unsafe.SizeOf<Libc.MountAttr>()) == 0
            ? this
            : throw LinuxException.Last("mount_setattr");
    }

    /// <summary>Attaches the mount at a path in the calling thread's mount namespace.</summary>
    /// <param name="path">A file or folder, as the mount's root is one.</param>
    public void AttachTo(string path)
    {
        if (Libc.move_mount(_handle, "", Libc.AT_FDCWD, path, Libc.MOVE_MOUNT_F_EMPTY_PATH) != 0)
            throw LinuxException.Last("move_mount", path);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
