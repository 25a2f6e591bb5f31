using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Stasis.Cli.Output.Templates;

/// <summary>
/// The functions of Go's text/template, and Podman's (containers/common pkg/report). The evaluator has its own <c>and</c> and <c>or</c>.
/// </summary>
internal static class Functions
{
    private static readonly JsonWriterOptions JsonOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly Dictionary<string, (int Least, int Most, Func<IReadOnlyList<Value>, Value> Do)> All = new()
    {
        ["and"] = (1, int.MaxValue, arguments => arguments.FirstOrDefault(argument => !argument.IsTrue) ?? arguments[^1]),
        ["or"] = (1, int.MaxValue, arguments => arguments.FirstOrDefault(argument => argument.IsTrue) ?? arguments[^1]),
        ["not"] = (1, 1, arguments => new BooleanValue(!arguments[0].IsTrue)),
        ["eq"] =
            (2, int.MaxValue, arguments => new BooleanValue(arguments.Skip(1).Any(other => ValueComparison.AreEqual(arguments[0], other)))),
        ["ne"] = (2, 2, arguments => new BooleanValue(!ValueComparison.AreEqual(arguments[0], arguments[1]))),
        ["lt"] = (2, 2, arguments => new BooleanValue(ValueComparison.Compare(arguments[0], arguments[1]) < 0)),
        ["le"] = (2, 2, arguments => new BooleanValue(ValueComparison.Compare(arguments[0], arguments[1]) <= 0)),
        ["gt"] = (2, 2, arguments => new BooleanValue(ValueComparison.Compare(arguments[0], arguments[1]) > 0)),
        ["ge"] = (2, 2, arguments => new BooleanValue(ValueComparison.Compare(arguments[0], arguments[1]) >= 0)),
        ["len"] = (1, 1, Length),
        ["index"] = (1, int.MaxValue, arguments => arguments.Skip(1).Aggregate(arguments[0], Index)),
        ["slice"] = (1, 3, Slice),
        ["print"] = (0, int.MaxValue, arguments => Text(Print(arguments))),
        ["println"] = (0, int.MaxValue, arguments => Text(string.Join(' ', arguments) + "\n")),
        ["printf"] = (1, int.MaxValue, arguments => Text(Printf.Format(String(arguments[0]), [.. arguments.Skip(1)]))),
        ["json"] = (1, 1, arguments => Text(Json(arguments[0]))),
        ["join"] = (2, 2, arguments => Text(string.Join(String(arguments[1]), List(arguments[0])))),
        ["split"] = (2, 2, arguments => new ListValue([.. Split(String(arguments[0]), String(arguments[1])).Select(Text)])),
        ["lower"] = (1, 1, arguments => Text(String(arguments[0]).ToLowerInvariant())),
        ["upper"] = (1, 1, arguments => Text(String(arguments[0]).ToUpperInvariant())),
        ["title"] = (1, 1, arguments => Text(Title(String(arguments[0])))),
        ["truncate"] = (2, 2, Truncate),
        ["pad"] = (3, 3, arguments => Pad(String(arguments[0]), Whole(arguments[1]), Whole(arguments[2]))),
    };

    public static bool Exists(string name) => All.ContainsKey(name);

    /// <summary>An error message if a function cannot have this number of arguments, or else null.</summary>
    public static string? WrongCount(string name, int count)
    {
        var (least, most, _) = All[name];
        return count >= least && count <= most
            ? null
            : $"wrong number of args for {name}: want {(most == int.MaxValue ? "at least " : "")}{least} got {count}";
    }

    /// <exception cref="EvaluationException">The function does not accept these arguments.</exception>
    public static Value Call(string name, IReadOnlyList<Value> arguments) => All[name].Do(arguments);

    private static TextValue Text(string text)
    {
        TemplateLimits.Check(text.Length);
        return new TextValue(text);
    }

    private static string String(Value value) => value switch
    {
        TextValue text => text.Content,
        HeaderValue header => header.ToString(),
        _ => throw new EvaluationException($"wrong type for value; expected string; got {value.Type}"),
    };

    private static int Whole(Value value) => value is IntegerValue { Small: >= -1_000_000 and <= 1_000_000 and var number }
        ? number
        : throw new EvaluationException($"wrong type for value; expected a small int; got {value.Type}");

    private static IReadOnlyList<Value> List(Value value) => value switch
    {
        ListValue list => list.Content,
        HeaderValue => [value],
        _ => throw new EvaluationException($"wrong type for value; expected []string; got {value.Type}"),
    };

    // As fmt.Sprint: a space goes between two values of which none is a string.
    private static string Print(IReadOnlyList<Value> arguments)
    {
        var text = new StringBuilder();
        for (var i = 0; i < arguments.Count; i++)
        {
            if (i > 0 && arguments[i] is not TextValue && arguments[i - 1] is not TextValue)
                text.Append(' ');
            text.Append(arguments[i]);
            TemplateLimits.Check(text.Length);
        }
        return text.ToString();
    }

    private static string Json(Value value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, JsonOptions))
            value.WriteJson(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static Value Index(Value of, Value key) => (of, key) switch
    {
        (ListValue list, IntegerValue at) =>
            at.Content >= 0 && at.Content < list.Content.Count ? list.Content[(int)at.Content] : throw OutOfRange(at),
        (TextValue text, IntegerValue at) =>
            Encoding.UTF8.GetBytes(text.Content) is var bytes && at.Content >= 0 && at.Content < bytes.Length
                ? new IntegerValue(bytes[(int)at.Content])
                : throw OutOfRange(at),
        (MapValue map, TextValue name) => map.Index(name.Content),
        (HeaderValue, _) => of,
        (NilValue, _) => throw new EvaluationException("index of untyped nil"),
        (ListValue or TextValue, _) => throw new EvaluationException($"cannot index slice/array with type {key.Type}"),
        (MapValue, _) => throw new EvaluationException($"value has type {key.Type}; should be string"),
        _ => throw new EvaluationException($"can't index item of type {of.Type}"),
    };

    private static IntegerValue Length(IReadOnlyList<Value> arguments) => arguments[0].Length is { } length
        ? new IntegerValue(length)
        : throw new EvaluationException($"len of type {arguments[0].Type}");

    private static Value Truncate(IReadOnlyList<Value> arguments)
    {
        var (text, most) = (String(arguments[0]), Whole(arguments[1]));
        return most < text.Length ? Text(text[..Math.Max(most, 0)]) : arguments[0];
    }

    private static Value Slice(IReadOnlyList<Value> arguments)
    {
        var length = arguments[0] switch
        {
            TextValue text => text.Content.Length,
            ListValue list => list.Content.Count,
            HeaderValue => 0,
            _ => throw new EvaluationException($"can't slice item of type {arguments[0].Type}"),
        };
        if (arguments[0] is HeaderValue)
            return arguments[0];
        var from = arguments.Count > 1 ? Whole(arguments[1]) : 0;
        var to = arguments.Count > 2 ? Whole(arguments[2]) : length;
        if (from < 0 || to > length)
            throw OutOfRange(new IntegerValue(from < 0 ? from : to));
        if (from > to)
            throw new EvaluationException($"invalid slice index: {from} > {to}");
        return arguments[0] is ListValue whole
            ? new ListValue([.. whole.Content.Skip(from).Take(to - from)])
            : new TextValue(((TextValue)arguments[0]).Content[from..to]);
    }

    private static EvaluationException OutOfRange(IntegerValue index) => new($"index out of range: {index}");

    private static IEnumerable<string> Split(string text, string separator) =>
        separator.Length > 0 ? text.Split(separator) : text.EnumerateRunes().Select(rune => rune.ToString());

    private static string Title(string text)
    {
        var result = new StringBuilder(text);
        for (var i = 0; i < text.Length; i++)
        {
            if (i == 0 || !(char.IsLetterOrDigit(text[i - 1]) || text[i - 1] is '_' or '\''))
                result[i] = char.ToUpper(text[i], CultureInfo.InvariantCulture);
        }
        return result.ToString();
    }

    private static TextValue Pad(string text, int before, int after) =>
        Text(text.Length == 0 ? "" : new string(' ', Math.Max(before, 0)) + text + new string(' ', Math.Max(after, 0)));
}
