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

    private readonly TemplateErrorPlace _source;
    private readonly IReadOnlyList<Node> _nodes;

    private Template(TemplateErrorPlace source, IReadOnlyList<Node> nodes, bool isTable) =>
        (_source, _nodes, IsTable) = (source, nodes, isTable);

    /// <summary>Whether rows are aligned in columns under a header.</summary>
    public bool IsTable { get; }

    /// <summary>
    /// Whether the template iterates over the rows itself (<c>{{range .}}…{{end}}</c>), and is rendered once with all rows.
    /// </summary>
    public bool RangesOverRows => !IsTable && RangePattern().IsMatch(_source.Text);

    /// <summary>Whether a format asks for JSON: "json", or a template such as {{json .}}.</summary>
    public static bool IsJson(string? format) => format is not null && JsonPattern().IsMatch(format);

    /// <summary>Parses the value of <c>--format</c>.</summary>
    /// <param name="name">The command with the option, for messages.</param>
    /// <param name="format">The value.</param>
    /// <exception cref="TemplateException">The template is wrong, or uses an unsupported part of Go's templates.</exception>
    public static Template Parse(string name, string format)
    {
        var source = new TemplateErrorPlace(name, format);
        var isTable = format.StartsWith(TablePrefix, StringComparison.Ordinal);
        return new Template(source, Parser.Parse(source, Lexer.Read(source, isTable ? TablePrefix.Length : 0, isTable)), isTable);
    }

    /// <summary>Evaluates the template with a value. The result ends with a line end.</summary>
    /// <exception cref="TemplateException">The template uses a field that does not exist.</exception>
    public string Render(Value value) => Ended(Evaluator.Render(_source, _nodes, value));

    /// <summary>As <see cref="Render(Value)"/>, for a record.</summary>
    public string Render<T>(T value, JsonTypeInfo<T> type) =>
        Render(RecordValue.FromJson(JsonSerializer.SerializeToElement(value, type), type));

    // No line end is added to a format that ends with one.
    private string Ended(string text) =>
        _source.Text.EndsWith("\\n", StringComparison.Ordinal) || _source.Text.EndsWith('\n') ? text : text + "\n";

    [GeneratedRegex(@"\{\{\s*range\s*\.\s*\}\}.*\{\{\s*end\s*-?\s*\}\}", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex RangePattern();

    [GeneratedRegex(@"\A\s*(json|\{\{\s*json(\s+\.)?\s*\}\})\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex JsonPattern();
}
