using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Formats.Tar;

/// <summary>Turns a layer's whiteouts (OCI image spec, layer.md) into overlayfs' own.</summary>
internal static class Whiteout
{
    private static ReadOnlySpan<byte> Prefix => ".wh."u8;

    private static ReadOnlySpan<byte> OpaqueName => ".wh..wh..opq"u8;

    /// <summary>Creates the entry that hides a name.</summary>
    public static TarEntry CreateEntry(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> name) =>
        new() { Name = (byte[])[.. prefix, .. Prefix, .. name], Type = TarEntryType.File };

    /// <summary>Creates the entry that makes a folder opaque.</summary>
    public static TarEntry Opaque(ReadOnlySpan<byte> folder) =>
        new() { Name = (byte[])[.. folder, (byte)'/', .. OpaqueName], Type = TarEntryType.File };

    /// <summary>Whether an entry is a whiteout.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="hidden">The path that it hides; null for one that makes its folder opaque.</param>
    public static bool TryFindHidden(TarEntry entry, out byte[]? hidden)
    {
        hidden = null;
        var last = TarNameParts.Last(entry.Name.Span);
        if (!last.StartsWith(Prefix))
            return false;
        if (last.SequenceEqual(OpaqueName))
            return true;
        var folder = TarNameParts.Folder(entry.Name.Span);
        hidden = folder.Length == 0 ? [.. last[Prefix.Length..]] : [.. folder, (byte)'/', .. last[Prefix.Length..]];
        return true;
    }

    /// <summary>
    /// Applies an entry that is a whiteout; returns false if it isn't one. <paramref name="makeRoomFor"/>
    /// receives the hidden name's entry and how to create it.
    /// </summary>
    public static bool TryApply(RootedPath root, TarEntry entry, Action<TarEntry, Action> makeRoomFor)
    {
        var last = TarNameParts.Last(entry.Name.Span);
        if (!last.StartsWith(Prefix))
            return false;
        var folder = TarNameParts.Folder(entry.Name.Span);
        if (last.SequenceEqual(OpaqueName))
        {
            if (folder.Length > 0 && root.Stat(folder) is null)
                root.MakeDirectories(folder);
            root.SetXattr(folder, Overlay.OpaqueXattr, "y"u8);
            return true;
        }

        var hidden = last[Prefix.Length..];
        // .wh..wh.* are aufs' own files. An empty name, "." and ".." hide nothing.
        if (hidden.StartsWith(Prefix) || hidden.Length == 0 || hidden.SequenceEqual("."u8) || hidden.SequenceEqual(".."u8))
            return true;

        byte[] path = folder.Length == 0 ? [.. hidden] : [.. folder, (byte)'/', .. hidden];
        // A whiteout hides lower layers only: a file of this layer stays, and a folder becomes opaque.
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
