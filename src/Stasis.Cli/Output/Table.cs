namespace Stasis.Cli.Output;

/// <summary>Columns as Podman's tables have them: as wide as their widest cell, two spaces apart.</summary>
internal sealed class Table(params string[] header)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write(TextWriter writer)
    {
        string[][] lines = header.Length > 0 ? [header, .. _rows] : [.. _rows];
        var columns = lines.Length == 0 ? 0 : lines.Max(line => line.Length);
        var widths = Enumerable.Range(0, columns).Select(column => lines.Max(line => column < line.Length ? line[column].Length : 0)).ToArray();
        foreach (var line in lines)
            writer.WriteLine(string.Concat(line.Select((cell, column) => cell.PadRight(widths[column] + 2))).TrimEnd());
    }
}
