using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Stasis.Cli.Output.Templates;

namespace Stasis.Cli.Output.Inspect;

/// <summary>
/// Collects what an <c>inspect</c> command found, and prints it as a JSON array or through the template of <c>--format</c>.
/// </summary>
internal sealed class InspectOutput
{
    private readonly Template? _template;
    private readonly List<(JsonElement Element, Value Value)> _found = [];

    /// <exception cref="TemplateException">The template is wrong.</exception>
    public InspectOutput(string? format) =>
        _template = format is null or "" || Template.IsJson(format) ? null : Template.Parse("inspect", format);

    public void Add<T>(T found, JsonTypeInfo<T> type)
    {
        var element = JsonSerializer.SerializeToElement(found, type);
        _found.Add((element, RecordValue.FromJson(element, type)));
    }

    /// <exception cref="TemplateException">The template uses a field that does not exist; nothing was printed.</exception>
    public void Write()
    {
        if (_template is null)
            JsonPrinter.Write(_found.Select(found => found.Element));
        else if (_template.RangesOverRows)
            StandardOutput.Text(_template.Render(new ListValue([.. _found.Select(found => found.Value)])));
        else
            StandardOutput.Text(string.Concat(_found.Select(found => _template.Render(found.Value))));
    }
}
