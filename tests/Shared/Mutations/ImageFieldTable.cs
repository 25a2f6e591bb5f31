using System.Text.RegularExpressions;

namespace Stasis.Tests.Mutations;

/// <summary>Reads docs/image-fields.md: a section for each message, in it a table with a row for one or more fields.</summary>
internal static partial class ImageFieldTable
{
    /// <summary>The page's path in the repository.</summary>
    public const string Page = "docs/image-fields.md";

    private const string Section = "### ", Own = "own";

    /// <summary>Reads the rows of a page, one for each field.</summary>
    /// <exception cref="InvalidDataException">A row is not of the form that the page describes.</exception>
    public static IReadOnlyList<ImageFieldRow> Read(string path)
    {
        var rows = new List<ImageFieldRow>();
        var message = "";
        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith(Section, StringComparison.Ordinal))
                message = line[Section.Length..];
            if (!line.StartsWith("| `", StringComparison.Ordinal))
                continue;
            if (line.Split('|') is not ["", var fields, var held, var note, ""])
                throw new InvalidDataException($"{Page}: not a row of three columns: {line}");
            string[] rules = [.. Quoted().Matches(held).Select(match => match.Groups[1].Value)];
            var inner = Link().Match(held.Trim()) is { Success: true } link ? link.Groups[1].Value : null;
            if ((rules.Length > 0 ? 1 : 0) + (inner is not null ? 1 : 0) + (held.Trim() == Own ? 1 : 0) != 1)
                throw new InvalidDataException($"{Page}: neither rules, nor a message, nor {Own}: {line}");
            rows.AddRange(Quoted().Matches(fields)
                .Select(match => new ImageFieldRow(message, match.Groups[1].Value, rules, inner, note.Trim())));
        }
        return rows;
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\A\[(\w+)\]\(#\1\)\z")]
    private static partial Regex Link();
}
