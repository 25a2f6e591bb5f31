using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace Stasis.Cli.Output.Templates;

/// <summary>
/// A <c>--format</c> in the language of Go's text/template, with what Podman adds (containers/common pkg/report): "table " in front makes
/// aligned columns under a header, "\t" and "\n" are what they say, and functions such as <c>json</c> and <c>join</c>.
/// </summary>
internal sealed partial class Template
{
    private const string TablePrefix = "table ";

    private readonly TemplateSource _source;
    private readonly IReadOnlyList<Node> _nodes;

    private Template(TemplateSource source, IReadOnlyList<Node> nodes, bool isTable) => (_source, _nodes, IsTable) = (source, nodes, isTable);

    /// <summary>Rows are to be aligned under a header.</summary>
    public bool IsTable { get; }

    /// <summary>It goes through the rows itself (<c>{{range .}}…{{end}}</c>), and is filled in once.</summary>
    public bool RangesOverRows => !IsTable && RangePattern().IsMatch(_source.Text);

    /// <summary>What was asked for is JSON: "json", or the same as a template.</summary>
    public static bool IsJson(string? format) => format is not null && JsonPattern().IsMatch(format);

    /// <param name="name">The command whose option it is, for messages.</param>
    /// <param name="format">As it was typed.</param>
    /// <exception cref="TemplateException">It is not a template, or one that needs more of Go's than there is. It says where.</exception>
    public static Template Parse(string name, string format)
    {
        var source = new TemplateSource(name, format);
        var isTable = format.StartsWith(TablePrefix, StringComparison.Ordinal);
        return new Template(source, Parser.Parse(source, Lexer.Read(source, isTable ? TablePrefix.Length : 0, isTable)), isTable);
    }

    /// <summary>Filled in, and ended by a line end.</summary>
    /// <exception cref="TemplateException">It asks for what isn't there. It says where.</exception>
    public string Render(Value value) => Ended(Evaluator.Render(_source, _nodes, value));

    /// <summary>As <see cref="Render(Value)"/>, of a record.</summary>
    public string Render<T>(T value, JsonTypeInfo<T> type) => Render(RecordValue.FromJson(JsonSerializer.SerializeToElement(value, type), type));

    // A format that ends with a line end brings its own.
    private string Ended(string text) => _source.Text.EndsWith("\\n", StringComparison.Ordinal) || _source.Text.EndsWith('\n') ? text : text + "\n";

    [GeneratedRegex(@"\{\{\s*range\s*\.\s*\}\}.*\{\{\s*end\s*-?\s*\}\}", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex RangePattern();

    [GeneratedRegex(@"\A\s*(json|\{\{\s*json(\s+\.)?\s*\}\})\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex JsonPattern();
}
