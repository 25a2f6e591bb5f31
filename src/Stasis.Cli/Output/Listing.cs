using System.Text.Json;

namespace Stasis.Cli.Output;

/// <summary>Prints rows through a <c>--format</c> template.</summary>
internal static class Listing
{
    public static void Write(IEnumerable<JsonElement> rows, string format)
    {
        var template = Template.Parse(format);
        if (!template.IsTable)
        {
            foreach (var row in rows)
                StandardOutput.Line(template.Render(row));
            return;
        }
        var table = new Table([.. template.Fields.Select(field => field.ToUpperInvariant())]);
        foreach (var row in rows)
            table.Add(template.Render(row).Split('\t'));
        table.Write(StandardOutput.Writer);
    }
}
