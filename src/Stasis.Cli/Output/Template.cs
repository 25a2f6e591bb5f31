using System.Text;
using System.Text.Json;

namespace Stasis.Cli.Output;

/// <summary>
/// The part of Go's templates that <c>--format</c> is mostly used for: text, <c>{{.Field.Path}}</c> and <c>{{json .Field}}</c>, on a JSON value.
/// Field names are those of the JSON, in any case.
/// </summary>
internal sealed class Template
{
    private readonly List<Segment> _segments = [];

    private Template() { }

    /// <summary>Text as it is, or a path to a value; an empty path is the whole.</summary>
    private readonly record struct Segment(string? Text, string[] Path, bool AsJson);

    /// <summary>It begins with "table": rows are to be aligned under a header of the field names.</summary>
    public bool IsTable { get; private init; }

    /// <summary>The last name of each path.</summary>
    public IEnumerable<string> Fields => _segments.Where(segment => segment.Text is null).Select(segment => segment.Path.LastOrDefault(""));

    /// <exception cref="UsageException">It is not a template, or one that needs more of Go's than there is.</exception>
    public static Template Parse(string format)
    {
        var isTable = format.StartsWith("table ", StringComparison.Ordinal);
        var rest = (isTable ? format["table ".Length..] : format).Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal);
        var template = new Template { IsTable = isTable };
        while (rest.Length > 0)
        {
            var open = rest.IndexOf("{{", StringComparison.Ordinal);
            if (open != 0)
            {
                template._segments.Add(new Segment(open < 0 ? rest : rest[..open], [], false));
                rest = open < 0 ? "" : rest[open..];
                continue;
            }
            var close = rest.IndexOf("}}", StringComparison.Ordinal);
            if (close < 0)
                throw new UsageException($"template \"{format}\": {{{{ without }}}}");
            template._segments.Add(Action(rest[2..close].Trim()));
            rest = rest[(close + 2)..];
        }
        return template;
    }

    public string Render(JsonElement value)
    {
        var text = new StringBuilder();
        foreach (var segment in _segments)
            text.Append(segment.Text ?? Text(Find(value, segment.Path), segment.AsJson));
        return text.ToString();
    }

    private static Segment Action(string action)
    {
        var words = action.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var asJson = words is ["json", _];
        var path = asJson ? words[1] : words is [var only] ? only : "";
        return path.StartsWith('.')
            ? new Segment(null, path.Split('.', StringSplitOptions.RemoveEmptyEntries), asJson)
            : throw new UsageException($"template action {{{{{action}}}}}: only {{{{.Field}}}} and {{{{json .Field}}}} are understood");
    }

    private static JsonElement Find(JsonElement value, string[] path)
    {
        foreach (var name in path)
        {
            if (value.ValueKind != JsonValueKind.Object)
                throw new UsageException($"template: can't evaluate field {name}: there is no object to look in");
            value = value.TryGetProperty(name, out var exact) ? exact : InAnyCase(value, name);
        }
        return value;
    }

    private static JsonElement InAnyCase(JsonElement value, string name)
    {
        foreach (var property in value.EnumerateObject())
        {
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return property.Value;
        }
        throw new UsageException($"template: can't evaluate field {name}: there is {string.Join(", ", value.EnumerateObject().Select(property => property.Name))}");
    }

    // As Go's fmt prints values with %v.
    private static string Text(JsonElement value, bool asJson) => asJson ? Json.Compact(value) : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null or JsonValueKind.Undefined => "<nil>",
        JsonValueKind.Array => $"[{string.Join(' ', value.EnumerateArray().Select(item => Text(item, false)))}]",
        JsonValueKind.Object => $"map[{string.Join(' ', value.EnumerateObject().Select(property => $"{property.Name}:{Text(property.Value, false)}"))}]",
        _ => value.GetRawText(),
    };
}
