using System.Globalization;
using System.Text;

namespace Stasis.Cli.Output.Templates;

/// <summary>Formats as Go's fmt.Sprintf does, including its errors in the text: <c>%!d(string=hi)</c>.</summary>
internal sealed class Printf
{
    private const int MaxWidth = 1_000_000; // the limit in Go

    private readonly string _format;
    private readonly IReadOnlyList<Value> _arguments;
    private readonly StringBuilder _result = new();
    private int _used;

    private Printf(string format, IReadOnlyList<Value> arguments) => (_format, _arguments) = (format, arguments);

    public static string Format(string format, IReadOnlyList<Value> arguments)
    {
        var printf = new Printf(format, arguments);
        printf.Run();
        return printf._result.ToString();
    }

    private void Run()
    {
        for (var i = 0; i < _format.Length; i++)
        {
            if (_format[i] != '%')
            {
                _result.Append(_format[i]);
                continue;
            }
            i++;
            Verb(ref i);
            TemplateLimits.Check(_result.Length);
        }
        if (_used < _arguments.Count)
            _result.Append($"%!(EXTRA {string.Join(", ", _arguments.Skip(_used).Select(Typed))})");
    }

    private void Verb(ref int i)
    {
        var flags = new Flags();
        for (; i < _format.Length && "+-# 0".Contains(_format[i], StringComparison.Ordinal); i++)
            flags = flags.With(_format[i]);
        var width = Number(ref i);
        if (width < 0)
            flags = flags.With('-');
        flags = flags with { Width = Math.Abs(width ?? 0) };
        if (i < _format.Length && _format[i] == '.')
        {
            i++;
            flags = flags with { Precision = Math.Max(Number(ref i) ?? 0, 0) };
        }
        if (i >= _format.Length)
        {
            _result.Append("%!(NOVERB)");
            return;
        }
        var verb = Rune.TryGetRuneAt(_format, i, out var rune) ? rune : new Rune('\uFFFD');
        i += rune.Utf16SequenceLength > 1 ? 1 : 0;
        if (verb.Value == '%')
            _result.Append('%');
        else if (_used >= _arguments.Count)
            _result.Append($"%!{verb}(MISSING)");
        else
            _result.Append(One(verb, flags, _arguments[_used++]));
    }

    /// <summary>Reads a number: digits, or "*" for the next argument.</summary>
    private int? Number(ref int i)
    {
        if (i < _format.Length && _format[i] == '*')
        {
            i++;
            return _used < _arguments.Count && _arguments[_used++] is IntegerValue { Small: >= -MaxWidth and <= MaxWidth and var given }
                ? given
                : null;
        }
        var start = i;
        while (i < _format.Length && char.IsAsciiDigit(_format[i]))
            i++;
        return int.TryParse(_format.AsSpan(start, i - start), CultureInfo.InvariantCulture, out var number) && number <= MaxWidth
            ? number
            : null;
    }

    private static string One(Rune verb, Flags flags, Value value)
    {
        if (verb.Value == 'T')
            return flags.Pad(value.Type);
        // A verb applies to each item of a list.
        if (value is ListValue list && verb.Value != 'v')
            return $"[{string.Join(' ', list.Content.Select(item => One(verb, flags, item)))}]";
        var text = ((char)verb.Value, value) switch
        {
            ('v', IntegerValue number) => flags.Signed(number.ToString()),
            ('v', RealValue real) => flags.Signed(real.ToString()),
            ('v', _) => value is TextValue ? flags.Cut(value.ToString()) : value.ToString(),
            ('t', BooleanValue) => value.ToString(),
            ('s', TextValue) => flags.Cut(value.ToString()),
            ('s', TimeValue) => value.ToString(),
            ('q', TextValue given) => flags.IsSharp && !given.Content.Contains('`', StringComparison.Ordinal)
                ? $"`{flags.Cut(given.Content)}`"
                : GoLiteral.Quote(flags.Cut(given.Content), isAscii: flags.IsPlus),
            ('q', IntegerValue { Small: { } code }) when Rune.IsValid(code) => GoLiteral.Quote(new Rune(code).ToString(), '\''),
            ('c', IntegerValue { Small: { } code }) when Rune.IsValid(code) => new Rune(code).ToString(),
            ('U', IntegerValue code) => $"U+{code.Content:X4}",
            ('x', TextValue given) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(flags.Cut(given.Content))),
            ('X', TextValue given) => Convert.ToHexString(Encoding.UTF8.GetBytes(flags.Cut(given.Content))),
            ('d', IntegerValue number) => flags.Signed(flags.Digits(number.Content)),
            ('x', IntegerValue number) => flags.Signed(InBase(number.Content, 16, flags.IsSharp ? "0x" : "")),
            ('X', IntegerValue number) => flags.Signed(InBase(number.Content, 16, flags.IsSharp ? "0x" : "").ToUpperInvariant()),
            ('b', IntegerValue number) => flags.Signed(InBase(number.Content, 2, flags.IsSharp ? "0b" : "")),
            ('o', IntegerValue number) => flags.Signed(InBase(number.Content, 8, flags.IsSharp ? "0" : "")),
            ('f' or 'F', RealValue real) => flags.Signed(GoFloat.Fixed(real.Content, flags.Precision ?? 6)),
            ('e', RealValue real) => flags.Signed(GoFloat.Scientific(real.Content, flags.Precision ?? 6)),
            ('g', RealValue real) => flags.Signed(GoFloat.General(real.Content, flags.Precision)),
            _ => null,
        };
        return text is null
            ? $"%!{verb}({Typed(value)})"
            : flags.Pad(text, isNumber: (value is IntegerValue or RealValue) && verb.Value is not ('q' or 'c' or 'U'));
    }

    private static string InBase(Int128 number, int radix, string prefix)
    {
        var digits = "";
        for (var rest = Int128.Abs(number); rest > 0 || digits.Length == 0; rest /= radix)
            digits = "0123456789abcdef"[(int)(rest % radix)] + digits;
        return (number < 0 ? "-" : "") + prefix + digits;
    }

    private static string Typed(Value value) => value is NilValue ? "<nil>" : $"{value.Type}={value}";

    /// <summary>Flags, width and precision: what stands between % and the verb.</summary>
    private readonly record struct Flags(bool IsPlus, bool IsMinus, bool IsSharp, bool IsSpace, bool IsZero, int Width, int? Precision)
    {
        public Flags With(char flag) => flag switch
        {
            '+' => this with { IsPlus = true },
            '-' => this with { IsMinus = true },
            '#' => this with { IsSharp = true },
            ' ' => this with { IsSpace = true },
            _ => this with { IsZero = true },
        };

        public string Signed(string number) => number.StartsWith('-') ? number : IsPlus ? "+" + number : IsSpace ? " " + number : number;

        public string Digits(Int128 number) =>
            (number < 0 ? "-" : "") + Int128.Abs(number).ToString($"D{Precision ?? 1}", CultureInfo.InvariantCulture);

        public string Cut(string text) => Precision is { } most ? string.Concat(text.EnumerateRunes().Take(most)) : text;

        public string Pad(string text, bool isNumber = false)
        {
            var missing = Width - text.EnumerateRunes().Count();
            if (missing <= 0)
                return text;
            if (IsMinus)
                return text + new string(' ', missing);
            if (!IsZero)
                return new string(' ', missing) + text;
            var sign = isNumber && text[0] is '-' or '+' or ' ' ? 1 : 0;
            return text[..sign] + new string('0', missing) + text[sign..];
        }
    }
}
