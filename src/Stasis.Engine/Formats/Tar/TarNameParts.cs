namespace Stasis.Engine.Formats.Tar;

/// <summary>Takes entries' names apart, as bytes.</summary>
internal static class TarNameParts
{
    /// <summary>Whether one of the path's parts is "..".</summary>
    public static bool HasParentPart(ReadOnlySpan<byte> name)
    {
        foreach (var part in name.Split((byte)'/'))
        {
            if (name[part].SequenceEqual(".."u8))
                return true;
        }

        return false;
    }

    /// <summary>Whether a name can only be a folder's, as "." and "/".</summary>
    public static bool IsFolderItself(ReadOnlySpan<byte> name) => Last(name) is [] or [(byte)'.'];

    /// <summary>The path before the last part; empty if there is one part only.</summary>
    public static ReadOnlySpan<byte> Folder(ReadOnlySpan<byte> name)
    {
        var slash = name.LastIndexOf((byte)'/');
        return slash < 0 ? default : name[..slash].TrimEnd((byte)'/');
    }

    /// <summary>The last part.</summary>
    public static ReadOnlySpan<byte> Last(ReadOnlySpan<byte> name) => name[(name.LastIndexOf((byte)'/') + 1)..];
}
