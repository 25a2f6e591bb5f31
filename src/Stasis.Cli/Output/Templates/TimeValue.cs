using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Stasis.Cli.Output.Templates;

/// <summary>A time, with the methods of Go's time.Time that templates use.</summary>
internal sealed class TimeValue(DateTimeOffset value) : Value
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    // The elements of Go's layouts; where one is a prefix of another, the longer one comes first.
    private static readonly (string Layout, Func<DateTimeOffset, string> Text)[] Elements =
    [
        ("January", time => time.ToString("MMMM", Invariant)),
        ("Monday", time => time.ToString("dddd", Invariant)),
        ("Z07:00", time => time.Offset == default ? "Z" : time.ToString("zzz", Invariant)),
        ("-07:00", time => time.ToString("zzz", Invariant)),
        ("-0700", time => time.ToString("zzz", Invariant).Replace(":", "", StringComparison.Ordinal)),
        ("2006", time => time.ToString("yyyy", Invariant)),
        ("Jan", time => time.ToString("MMM", Invariant)),
        ("Mon", time => time.ToString("ddd", Invariant)),
        ("MST", time => time.Offset == default ? "UTC" : time.ToString("zzz", Invariant).Replace(":", "", StringComparison.Ordinal)),
        ("15", time => time.ToString("HH", Invariant)),
        ("01", time => time.ToString("MM", Invariant)),
        ("02", time => time.ToString("dd", Invariant)),
        ("03", time => time.ToString("hh", Invariant)),
        ("04", time => time.ToString("mm", Invariant)),
        ("05", time => time.ToString("ss", Invariant)),
        ("06", time => time.ToString("yy", Invariant)),
        ("_2", time => time.Day.ToString(Invariant).PadLeft(2)),
        ("PM", time => time.ToString("tt", Invariant)),
        ("pm", time => time.ToString("tt", Invariant).ToLowerInvariant()),
        ("2", time => time.Day.ToString(Invariant)),
        ("1", time => time.Month.ToString(Invariant)),
        ("3", time => time.ToString("%h", Invariant)),
        ("4", time => time.Minute.ToString(Invariant)),
        ("5", time => time.Second.ToString(Invariant)),
    ];

    public override string Type => "time.Time";

    public override IEnumerable<string> FieldNames => ["Format", "Unix", "UnixNano", "IsZero", "UTC", "Local", "String"];

    public override Value? Field(string name) => name switch
    {
        "Unix" => new IntegerValue(value.ToUnixTimeSeconds()),
        "UnixNano" => new IntegerValue((Int128)(value - DateTimeOffset.UnixEpoch).Ticks * 100),
        "IsZero" => new BooleanValue(value == default),
        "UTC" => new TimeValue(value.ToUniversalTime()),
        "Local" => new TimeValue(value.ToLocalTime()),
        "String" => new TextValue(ToString()),
        _ => null,
    };

    public string Format(string layout)
    {
        var text = new StringBuilder();
        for (var i = 0; i < layout.Length;)
        {
            if (layout[i] is '.' or ',' && Fraction(layout.AsSpan(i + 1)) is var (digits, trims) && digits > 0)
            {
                var fraction = (value.Ticks % TimeSpan.TicksPerSecond).ToString("0000000", Invariant).PadRight(digits, '0')[..digits];
                fraction = trims ? fraction.TrimEnd('0') : fraction;
                text.Append(fraction.Length > 0 ? layout[i] + fraction : "");
                i += digits + 1;
                continue;
            }
            var element =
                Array.Find(Elements, candidate => string.CompareOrdinal(layout, i, candidate.Layout, 0, candidate.Layout.Length) == 0);
            text.Append(element.Layout is null ? layout[i].ToString() : element.Text(value));
            i += element.Layout?.Length ?? 1;
        }
        return text.ToString();
    }

    public override void WriteJson(Utf8JsonWriter writer) => writer.WriteStringValue(Format("2006-01-02T15:04:05.999999999Z07:00"));

    public override string ToString() => Format("2006-01-02 15:04:05.999999999 -0700 MST");

    // .000 has exactly that many digits, .999 at most.
    private static (int Digits, bool Trims) Fraction(ReadOnlySpan<char> layout)
    {
        var digits = layout.Length == 0 || layout[0] is not ('0' or '9') ? 0 : layout.Length - layout.TrimStart(layout[0]).Length;
        return digits < layout.Length && char.IsAsciiDigit(layout[digits]) ? (0, false) : (digits, layout is ['9', ..]);
    }
}
