using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.Engine.Vetting.Paths;

/// <summary>What a mount of the container shows, as far as it is on this host before the runtime mounts it.</summary>
internal abstract record MountBacking
{
    private MountBacking()
    {
    }

    /// <summary>A directory of the host, or one in the container's mounted root.</summary>
    /// <param name="Root">The directory.</param>
    /// <param name="Prefix">The part of it that the mount shows: empty, or with a slash at its beginning.</param>
    public sealed record Folder(RootedPath Root, string Prefix) : MountBacking;

    /// <summary>A file of the host.</summary>
    /// <param name="Type">Its type (S_IFMT).</param>
    public sealed record File(uint Type) : MountBacking;

    /// <summary>A tmpfs that CRIU fills. TmpfsImageRule has compared its tar with the paths.</summary>
    /// <param name="Links">The symbolic links in it, by their paths beneath its root; null if there are too many.</param>
    /// <param name="Prefix">The part of it that the mount shows: empty, or with a slash at its beginning.</param>
    public sealed record Tmpfs(IReadOnlyDictionary<string, string>? Links, string Prefix) : MountBacking;

    /// <summary>A file system of the kernel's: its text was judged, and no link of it may be followed.</summary>
    public sealed record Kernels : MountBacking;

    /// <summary>Nothing of this host: masks, devices that a runtime binds.</summary>
    public sealed record Unknown : MountBacking;

    /// <summary>The status of a file beneath a folder; null if there is none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="beneath">The path beneath what the mount shows: empty, or with a slash at its beginning.</param>
    /// <exception cref="LinuxException">The path leads through a symbolic link (ELOOP), or can't be resolved.</exception>
    public static FileStatus? Stat(Folder folder, ReadOnlySpan<byte> beneath)
    {
        if (folder.Prefix.Length == 0)
            return folder.Root.Stat(beneath.Length == 0 ? "/"u8 : beneath);
        return folder.Root.Stat((byte[])[.. System.Text.Encoding.UTF8.GetBytes(folder.Prefix), .. beneath]);
    }
}
