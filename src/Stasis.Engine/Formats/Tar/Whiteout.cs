using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Formats.Tar;

/// <summary>Turns a layer's whiteouts (OCI image spec, layer.md) into overlayfs' own.</summary>
internal static class Whiteout
{
    private static ReadOnlySpan<byte> Prefix => ".wh."u8;

    private static ReadOnlySpan<byte> OpaqueName => ".wh..wh..opq"u8;

    /// <summary>The entry for a name that is hidden.</summary>
    public static TarEntry CreateEntry(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> name) => new() { Name = (byte[])[.. prefix, .. Prefix, .. name], Type = TarEntryType.File };

    /// <summary>The entry for a folder that hides what lies below it.</summary>
    public static TarEntry Opaque(ReadOnlySpan<byte> folder) => new() { Name = (byte[])[.. folder, (byte)'/', .. OpaqueName], Type = TarEntryType.File };

    /// <summary>Takes an entry in, if it is one. <paramref name="makeRoomFor"/> is told what the entry stands for and how to make it.</summary>
    public static bool Take(RootedPath root, TarEntry entry, Action<TarEntry, Action> makeRoomFor)
    {
        var last = TarNames.Last(entry.Name.Span);
        if (!last.StartsWith(Prefix))
            return false;
        var folder = TarNames.Folder(entry.Name.Span);
        if (last.SequenceEqual(OpaqueName))
        {
            if (folder.Length > 0 && root.Stat(folder) is null)
                root.MakeDirectories(folder);
            root.SetXattr(folder, Overlay.OpaqueXattr, "y"u8);
            return true;
        }

        var hidden = last[Prefix.Length..];
        // .wh..wh.* are aufs' own files. Names that are none hide nothing.
        if (hidden.StartsWith(Prefix) || hidden.Length == 0 || hidden.SequenceEqual("."u8) || hidden.SequenceEqual(".."u8))
            return true;

        byte[] path = folder.Length == 0 ? [.. hidden] : [.. folder, (byte)'/', .. hidden];
        // A whiteout is about lower layers alone: what this layer has brought before it stays, and is then all there is.
        if (root.Stat(path) is { } status)
        {
            if (status.IsDirectory)
                root.SetXattr(path, Overlay.OpaqueXattr, "y"u8);
        }
        else
        {
            makeRoomFor(entry with { Name = path }, () => root.MakeNode(path, FileType.CharacterDevice, 0, 0));
        }

        return true;
    }
}
