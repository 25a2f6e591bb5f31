namespace Stasis.Engine.Criu;

/// <summary>One of CRIU's error messages, and what it means.</summary>
/// <param name="Words">CRIU's words. Each * stands for any text.</param>
/// <param name="Meaning">What it means: {0}, {1} … are the texts that the stars stand for.</param>
internal sealed record CriuErrorPattern(string Words, string Meaning)
{
    private const char Any = '*';

    /// <summary>The meaning of a line; null if it isn't this message.</summary>
    public string? Explain(string line)
    {
        var parts = Words.Split(Any);
        var at = line.IndexOf(parts[0], StringComparison.Ordinal);
        if (at < 0)
            return null;
        at += parts[0].Length;
        var found = new List<object>();
        foreach (var part in parts.Skip(1))
        {
            var end = part.Length == 0 ? line.Length : line.IndexOf(part, at, StringComparison.Ordinal);
            if (end < 0)
                return null;
            found.Add(line[at..end].Trim());
            at = end + part.Length;
        }
        return string.Format(System.Globalization.CultureInfo.InvariantCulture, Meaning, [.. found]);
    }
}
