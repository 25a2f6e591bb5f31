using System.Globalization;

namespace Stasis.Cli.Output.Templates;

/// <summary>Formats floating-point numbers as Go's strconv does.</summary>
internal static class GoFloat
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    // Least exponent that the shortest text shows. With a given number of digits, that number is the least.
    private const int FirstExponent = 6;

    /// <summary>
    /// %v and %g: the shortest digits that give the same number, or at most <paramref name="most"/>; with an exponent where Go uses one.
    /// </summary>
    public static string General(double value, int? most = null)
    {
        if (Special(value) is { } special)
            return special;
        var (sign, digits, exponent) =
            Parts(most is { } count ? value.ToString($"E{Math.Max(count, 1) - 1}", Invariant) : value.ToString("R", Invariant));
        var first =
            most is null ? FirstExponent : most > digits.Length && digits.Length >= exponent + 1 ? digits.Length : Math.Max(most.Value, 1);
        if (exponent < -4 || exponent >= first)
            return $"{sign}{digits[0]}{(digits.Length > 1 ? "." : "")}{digits[1..]}{Exponent(exponent)}";
        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        return digits.Length <= exponent + 1
            ? sign + digits.PadRight(exponent + 1, '0')
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
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

    /// <summary>The sign and the digits of a number, and the power of ten of the first digit.</summary>
    private static (string Sign, string Digits, int Exponent) Parts(string text)
    {
        var sign = text.StartsWith('-') ? "-" : "";
        var parts = text[sign.Length..].Split('E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? parts[0].Length : point;
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        var shift = parts is [_, var power] ? int.Parse(power, NumberStyles.AllowLeadingSign, Invariant) : 0;
        var exponent = whole - 1 - (all.Length - digits.Length) + shift;
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
