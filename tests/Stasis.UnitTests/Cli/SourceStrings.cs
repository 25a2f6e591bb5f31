using System.Text;

namespace Stasis.UnitTests.Cli;

/// <summary>Reads the string literals of C# source: enough of the language for this project's own files.</summary>
internal static class SourceStrings
{
    /// <summary>
    /// The literals of a file, without raw ones. Literals that are joined with + are one. An interpolated value is "x", an escaped
    /// character a space.
    /// </summary>
    public static IEnumerable<string> Read(string source)
    {
        for (var at = 0; at < source.Length;)
        {
            if (source.AsSpan(at).StartsWith("\"\"\""))
                at = source.IndexOf("\"\"\"", at + 3, StringComparison.Ordinal) + 3;
            else if (source.AsSpan(at).StartsWith("//"))
                at = source.IndexOf('\n', at);
            else if (source[at] == '\'')
                at = source.IndexOf('\'', source[at + 1] == '\\' ? at + 3 : at + 2) + 1;
            else if (Starts(source, at))
            {
                var text = new StringBuilder();
                at = ReadLiteral(source, at, text);
                for (var next = AfterPlus(source, at); next > 0; next = AfterPlus(source, at))
                    at = ReadLiteral(source, next, text);
                yield return text.ToString();
            }
            else
                at++;
        }
    }

    private static bool Starts(string source, int at) => source[at..Math.Min(at + 3, source.Length)].TrimStart('$', '@').StartsWith('"');

    // Where the next literal begins, if one is joined to that which ended here.
    private static int AfterPlus(string source, int at)
    {
        var rest = source[at..].TrimStart();
        if (!rest.StartsWith('+'))
            return 0;
        var next = source.Length - rest[1..].TrimStart().Length;
        return Starts(source, next) ? next : 0;
    }

    private static int ReadLiteral(string source, int at, StringBuilder text)
    {
        var quote = source.IndexOf('"', at);
        var (isInterpolated, isVerbatim) = (source[at..quote].Contains('$'), source[at..quote].Contains('@'));
        for (at = quote + 1; ; at++)
        {
            var doubled = at + 1 < source.Length && source[at + 1] == source[at];
            switch (source[at])
            {
                case '"' when isVerbatim && doubled:
                    at++;
                    break;
                case '"':
                    return at + 1;
                case '\\' when !isVerbatim:
                    text.Append(' ');
                    at++;
                    break;
                case '{' or '}' when isInterpolated && doubled:
                    text.Append(source[at++]);
                    break;
                case '{' when isInterpolated:
                    text.Append('x');
                    at = EndOfHole(source, at);
                    break;
                default:
                    text.Append(source[at]);
                    break;
            }
        }
    }

    private static int EndOfHole(string source, int at)
    {
        for (var depth = 0; ; at++)
        {
            if (source[at] == '"')
                at = source.IndexOf('"', at + 1); // a literal in the hole; those of this project have no escapes
            else if (source[at] == '{')
                depth++;
            else if (source[at] == '}' && --depth == 0)
                return at;
        }
    }
}
