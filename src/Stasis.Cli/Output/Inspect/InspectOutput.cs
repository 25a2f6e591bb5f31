using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Stasis.Cli.Output.Templates;

namespace Stasis.Cli.Output.Inspect;

/// <summary>What an <c>inspect</c> found: printed as an array, or each through the template that <c>--format</c> gives.</summary>
internal sealed class InspectOutput
{
    private readonly Template? _template;
    private readonly List<(JsonElement Element, Value Value)> _found = [];

    /// <exception cref="TemplateException">The format is wrong.</exception>
    public InspectOutput(string? format) => _template = format is null or "" || Template.IsJson(format) ? null : Template.Parse("inspect", format);

    public void Add<T>(T found, JsonTypeInfo<T> type)
    {
        var element = JsonSerializer.SerializeToElement(found, type);
        _found.Add((element, RecordValue.FromJson(element, type)));
    }

    /// <exception cref="TemplateException">The format asks for what isn't there; nothing was printed.</exception>
    public void Write()
    {
        if (_template is null)
            Json.Write(_found.Select(found => found.Element));
        else if (_template.RangesOverRows)
            StandardOutput.Text(_template.Render(new ListValue([.. _found.Select(found => found.Value)])));
        else
            StandardOutput.Text(string.Concat(_found.Select(found => _template.Render(found.Value))));
    }
}
