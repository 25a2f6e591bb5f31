using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Stasis.Cli.Output.Templates;

namespace Stasis.Cli.Output.Tables;

/// <summary>A list that is printed through a template: that of <c>--format</c>, or that of the command's own table.</summary>
/// <param name="Command">Name of the command, for messages.</param>
/// <param name="Table">Template of the command's own table, such as <c>{{.ID}}\t{{.Names}}</c>.</param>
/// <param name="Titles">Titles of columns by field, where they differ from the field's name.</param>
internal sealed record TemplatedTable(string Command, string Table, IReadOnlyDictionary<string, string> Titles)
{
    /// <summary>Prints rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="type">The type of a row.</param>
    /// <param name="format">The value of <c>--format</c>; null or "table" for the command's own table.</param>
    /// <param name="noHeading">Whether to leave out the titles.</param>
    /// <exception cref="TemplateException">The format is wrong; nothing was printed.</exception>
    public void Write<T>(IEnumerable<T> rows, JsonTypeInfo<T> type, string? format, bool noHeading = false)
    {
        var template = Template.Parse(Command, format is null or "table" ? "table " + Table : format);
        List<Value> values = [.. rows.Select(row => RecordValue.FromJson(JsonSerializer.SerializeToElement(row, type), type))];
        if (template.RangesOverRows)
        {
            StandardOutput.Text(template.Render(new ListValue(values)));
            return;
        }
        var lines = values.Select(template.Render).ToList();
        if (!template.IsTable)
        {
            StandardOutput.Text(string.Concat(lines));
            return;
        }
        if (!noHeading)
            lines.Insert(0, template.Render(new HeaderValue(Titles)));
        var table = new Table();
        foreach (var line in lines.SelectMany(text => text[..^1].Split('\n')))
            table.Add(line.Split('\t'));
        table.Write(StandardOutput.Writer);
    }
}
