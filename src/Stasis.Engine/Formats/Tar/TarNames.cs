namespace Stasis.Engine.Formats.Tar;

/// <summary>Entries' names, as bytes.</summary>
internal static class TarNames
{
    /// <summary>Whether ".." is one of the path's parts.</summary>
    public static bool Climbs(ReadOnlySpan<byte> name)
    {
        foreach (var part in name.Split((byte)'/'))
        {
            if (name[part].SequenceEqual(".."u8))
                return true;
        }

        return false;
    }

    /// <summary>Whether it can only mean a folder, as "." and "/" do.</summary>
    public static bool IsFolderItself(ReadOnlySpan<byte> name) => Last(name) is [] or [(byte)'.'];

    /// <summary>Everything before the last part; empty if there is nothing.</summary>
    public static ReadOnlySpan<byte> Folder(ReadOnlySpan<byte> name)
    {
        var slash = name.LastIndexOf((byte)'/');
        return slash < 0 ? default : name[..slash].TrimEnd((byte)'/');
    }

    /// <summary>The last part.</summary>
    public static ReadOnlySpan<byte> Last(ReadOnlySpan<byte> name) => name[(name.LastIndexOf((byte)'/') + 1)..];
}
