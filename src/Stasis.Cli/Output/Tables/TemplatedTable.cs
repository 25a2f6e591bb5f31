using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Stasis.Cli.Output.Templates;

namespace Stasis.Cli.Output.Tables;

/// <summary>Prints rows through a template: the one that <c>--format</c> gives, or the command's own table, which is one too.</summary>
/// <param name="Command">The command's name, for messages.</param>
/// <param name="Table">Its own table, without the word: <c>{{.ID}}\t{{.Names}}</c>.</param>
/// <param name="Titles">Columns whose titles are not just their fields' names.</param>
internal sealed record TemplatedTable(string Command, string Table, IReadOnlyDictionary<string, string> Titles)
{
    /// <param name="rows">What to print.</param>
    /// <param name="type">What a row is.</param>
    /// <param name="format">What was asked for; null or "table" for the command's own table.</param>
    /// <param name="noHeading">Leave out the titles.</param>
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
