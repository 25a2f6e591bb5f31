namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>Text of /proc whose lines have the form "Name:\tvalue".</summary>
internal static class ProcFields
{
    /// <summary>The value of the first field of that name, without the blanks around it; null if there is none.</summary>
    public static string? Find(string text, string name)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.Length > name.Length && line[name.Length] == ':' && line.StartsWith(name, StringComparison.Ordinal))
                return line[(name.Length + 1)..].Trim().ToString();
        }
        return null;
    }
}
