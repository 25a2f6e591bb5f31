namespace Stasis.Cli.Output.Tables;

/// <summary>Columns as Podman's tables have them (Go's tabwriter): as wide as their widest cell and two spaces, and no less than twelve.</summary>
internal sealed class Table
{
    private const int Padding = 2;
    private const int LeastWidth = 12;

    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write(TextWriter writer)
    {
        var columns = _rows.Count == 0 ? 0 : _rows.Max(row => row.Length);
        var widths = Enumerable.Range(0, columns).Select(column => _rows.Max(row => column < row.Length - 1 ? Math.Max(Width(row[column]) + Padding, LeastWidth) : 0)).ToArray();
        foreach (var row in _rows)
            writer.WriteLine(string.Concat(row.Select((cell, column) => cell + new string(' ', Math.Max(widths[column] - Width(cell), 0)))).TrimEnd(' '));
    }

    private static int Width(string cell) => cell.EnumerateRunes().Count();
}
