namespace Stasis.Engine.Formats.Tar;

/// <summary>
/// The names of a tar's entries, one after the other. Most begin with the folders of the name before. The rest is what has to be made or
/// looked at, and what the name costs: a tar of a few bytes can have names of thousands of folders each.
/// </summary>
internal sealed class TarNameSequence
{
    private const int LengthPerCost = 256; // names of files in real containers are shorter

    private string _previous = "";

    /// <summary>Characters of the last name that are folders above the name before it, too, with the slash.</summary>
    public int Shared { get; private set; }

    /// <summary>Takes the next name, without empty parts and dots. Returns its cost: 1, unless it has new folders or is long.</summary>
    public long Take(string name)
    {
        var common = name.AsSpan().CommonPrefixLength(_previous);
        Shared = name.AsSpan(0, common).LastIndexOf('/') + 1;
        // The entry before may be the folder that this one is in.
        var isInPrevious = common == _previous.Length && common > 0 && common < name.Length && name[common] == '/';
        var known = isInPrevious ? common + 1 : Shared;
        _previous = name;
        return (1 + name.AsSpan(known).Count('/')) * (1L + name.Length / LengthPerCost);
    }

    /// <summary>The folders above the last name that aren't above the name before it.</summary>
    public IEnumerable<string> NewFolders()
    {
        for (var slash = _previous.IndexOf('/', Shared); slash >= 0; slash = _previous.IndexOf('/', slash + 1))
            yield return _previous[..slash];
    }
}
