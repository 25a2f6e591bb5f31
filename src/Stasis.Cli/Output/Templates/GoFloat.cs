using System.Globalization;

namespace Stasis.Cli.Output.Templates;

/// <summary>Floating-point numbers as Go's strconv writes them.</summary>
internal static class GoFloat
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    // Of the shortest text; of one with so many digits it is their number.
    private const int FirstExponent = 6;

    /// <summary>%v and %g: as few digits as mean the number, or at most <paramref name="most"/>; very large and small ones have an exponent.</summary>
    public static string General(double value, int? most = null)
    {
        if (Special(value) is { } special)
            return special;
        var (sign, digits, exponent) = Parts(most is { } count ? value.ToString($"E{Math.Max(count, 1) - 1}", Invariant) : value.ToString("R", Invariant));
        var first = most is null ? FirstExponent : most > digits.Length && digits.Length >= exponent + 1 ? digits.Length : Math.Max(most.Value, 1);
        if (exponent < -4 || exponent >= first)
            return $"{sign}{digits[0]}{(digits.Length > 1 ? "." : "")}{digits[1..]}{Exponent(exponent)}";
        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        return digits.Length <= exponent + 1 ? sign + digits.PadRight(exponent + 1, '0') : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    /// <summary>%f.</summary>
    public static string Fixed(double value, int digits) => Special(value) ?? value.ToString($"F{digits}", Invariant);

    /// <summary>%e.</summary>
    public static string Scientific(double value, int digits)
    {
        if (Special(value) is { } special)
            return special;
        var text = value.ToString($"E{digits}", Invariant);
        var at = text.IndexOf('E', StringComparison.Ordinal);
        return text[..at] + Exponent(int.Parse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, Invariant));
    }

    private static string Exponent(int exponent) => string.Create(Invariant, $"e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");

    /// <summary>The digits of a number, the first of them standing for that power of ten.</summary>
    private static (string Sign, string Digits, int Exponent) Parts(string text)
    {
        var sign = text.StartsWith('-') ? "-" : "";
        var parts = text[sign.Length..].Split('E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? parts[0].Length : point;
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        var exponent = whole - 1 - (all.Length - digits.Length) + (parts is [_, var shift] ? int.Parse(shift, NumberStyles.AllowLeadingSign, Invariant) : 0);
        return digits.Length == 0 ? (sign, "0", 0) : (sign, digits.TrimEnd('0'), exponent);
    }

    private static string? Special(double value) => value switch
    {
        double.NaN => "NaN",
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => null,
    };
}
