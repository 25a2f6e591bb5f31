using System.Globalization;
using System.Net;
using System.Text;

namespace Stasis.Bench;

/// <summary>The ratios as bars, an SVG: Stasis's time as a part of the peer's, which is the full width; a tick marks the target.</summary>
internal static class Plot
{
    private const int Row = 30, Left = 400, Width = 420, Top = 46;

    public static void Write(string path, IReadOnlyList<Samples> samples)
    {
        var rows = samples.Where(s => s.Ratio is not null).ToList();
        var svg = new StringBuilder();
        var (width, height) = (Left + Width + 60, Top + (rows.Count * Row) + 10);
        svg.AppendLine(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="13">
            <rect width="100%" height="100%" fill="white"/>
            <text x="{Left}" y="18" fill="#333">time taken, as a part of the peer's (medians; the tick is the target)</text>
            """);
        foreach (var mark in (double[])[0, 0.25, 0.5, 0.75, 1])
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"""
                <line x1="{X(mark)}" x2="{X(mark)}" y1="{Top - 6}" y2="{Top + (rows.Count * Row)}" stroke="#ddd"/>
                <text x="{X(mark)}" y="{Top - 10}" text-anchor="middle" fill="#777" font-size="11">{mark}</text>
                """);
        }
        for (var i = 0; i < rows.Count; i++)
            Bar(svg, rows[i], Top + (i * Row));
        svg.AppendLine("</svg>");
        File.WriteAllText(path, svg.ToString());
    }

    private static void Bar(StringBuilder svg, Samples samples, int y)
    {
        var ratio = samples.Ratio!.Value;
        var length = Math.Round(Math.Min(ratio, 1.1) * Width, 1);
        var title = WebUtility.HtmlEncode(samples.What.Replace("`", "", StringComparison.Ordinal));
        svg.AppendLine(CultureInfo.InvariantCulture, $"""
            <text x="{Left - 8}" y="{y + 16}" text-anchor="end" fill="#333">{title}</text>
            <rect x="{Left}" y="{y + 4}" width="{length}" height="17" fill="#3b7dd8"/>
            <text x="{Left + length + 6}" y="{y + 17}" fill="#333">{ratio:0.00}</text>
            """);
        if (Targets.Of(samples.What) is not { } target)
            return;
        svg.AppendLine(CultureInfo.InvariantCulture, $"""
            <line x1="{X(target)}" x2="{X(target)}" y1="{y + 1}" y2="{y + 24}" stroke="#d33" stroke-width="2"/>
            """);
    }

    private static double X(double ratio) => Math.Round(Left + (ratio * Width), 1);
}
