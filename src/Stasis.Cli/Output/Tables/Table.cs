namespace Stasis.Cli.Output.Tables;

/// <summary>
/// A table as Podman prints it (Go's tabwriter): a column is as wide as its widest cell and two spaces, and at least twelve.
/// </summary>
internal sealed class Table
{
    private const int Padding = 2;
    private const int MinWidth = 12;

    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write(TextWriter writer)
    {
        var columns = _rows.Count == 0 ? 0 : _rows.Max(row => row.Length);
        var widths = Enumerable.Range(0, columns)
            .Select(column => _rows.Max(row => column < row.Length - 1 ? Math.Max(Width(row[column]) + Padding, MinWidth) : 0))
            .ToArray();
        foreach (var row in _rows)
            writer.WriteLine(
                string.Concat(
                    row.Select((cell, column) => cell + new string(' ', Math.Max(widths[column] - Width(cell), 0)))).TrimEnd(' '));
    }

    private static int Width(string cell) => cell.EnumerateRunes().Count();
}
