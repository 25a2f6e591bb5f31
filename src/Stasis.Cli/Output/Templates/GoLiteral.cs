using System.Globalization;
using System.Text;

namespace Stasis.Cli.Output.Templates;

/// <summary>Parses and formats literals of Go.</summary>
internal static class GoLiteral
{
    private const string EscapeLetters = "abfnrtv\\";
    private const string EscapedCharacters = "\a\b\f\n\r\t\v\\";

    /// <summary>Parses a number; gives null if the text is not a number.</summary>
    public static Value? Number(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        var sign = digits.StartsWith('-') ? -1 : 1;
        var unsigned = digits.TrimStart('+', '-');
        var (style, skip) = unsigned switch
        {
            ['0', 'x' or 'X', ..] => (NumberStyles.AllowHexSpecifier, 2),
            ['0', 'b' or 'B', ..] => (NumberStyles.AllowBinarySpecifier, 2),
            _ => (NumberStyles.None, 0),
        };
        if (unsigned is ['0', 'o' or 'O', ..] or ['0', >= '0' and <= '9', ..] && !unsigned.AsSpan().ContainsAny(".eE"))
            return Octal(unsigned.TrimStart('0').TrimStart('o', 'O'), sign);
        if (ulong.TryParse(unsigned.AsSpan(skip), style, CultureInfo.InvariantCulture, out var whole))
            return new IntegerValue(sign * (Int128)whole);
        if (!digits.AsSpan().ContainsAny(".eE"))
            return null;
        var isReal = double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real);
        return isReal ? new RealValue(real) : null;
    }

    /// <summary>Resolves the escapes in the text between quotes; gives null if an escape is invalid.</summary>
    public static string? Unquote(string text, char quote)
    {
        var result = new StringBuilder();
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                Flush();
                result.Append(text[i]);
                continue;
            }
            if (++i == text.Length)
                return null;
            var known = EscapeLetters.IndexOf(text[i], StringComparison.Ordinal);
            if (known >= 0 || text[i] == quote)
            {
                Flush();
                result.Append(known >= 0 ? EscapedCharacters[known] : quote);
                continue;
            }
            var (skip, length, style) = text[i] switch
            {
                'x' => (1, 2, NumberStyles.AllowHexSpecifier),
                'u' => (1, 4, NumberStyles.AllowHexSpecifier),
                'U' => (1, 8, NumberStyles.AllowHexSpecifier),
                >= '0' and <= '7' => (0, 3, NumberStyles.None),
                _ => (0, 0, NumberStyles.None),
            };
            if (length == 0 || i + skip + length > text.Length || Code(text.AsSpan(i + skip, length), style) is not { } code)
                return null;
            if (text[i] is 'u' or 'U')
            {
                if (!Rune.TryCreate(code, out var rune))
                    return null;
                Flush();
                result.Append(rune);
            }
            else if (code > byte.MaxValue)
                return null;
            else
                bytes.Add((byte)code);
            i += skip + length - 1;
        }
        Flush();
        return result.ToString();

        // \x and octal escapes are bytes; several in a row may form one character.
        void Flush()
        {
            result.Append(Encoding.UTF8.GetString([.. bytes]));
            bytes.Clear();
        }
    }

    /// <summary>Quotes text as strconv.Quote does.</summary>
    public static string Quote(string text, char quote = '"', bool isAscii = false)
    {
        var result = new StringBuilder().Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            var known = rune.IsBmp ? EscapedCharacters.IndexOf((char)rune.Value, StringComparison.Ordinal) : -1;
            if (rune.Value == quote)
                result.Append('\\').Append(quote);
            else if (known >= 0)
                result.Append('\\').Append(EscapeLetters[known]);
            else if (IsPrintable(rune) && (rune.IsAscii || !isAscii))
                result.Append(rune);
            else
                result.Append(rune.Value < 0x80 ? $"\\x{rune.Value:x2}" : rune.IsBmp ? $"\\u{rune.Value:x4}" : $"\\U{rune.Value:x8}");
        }
        return result.Append(quote).ToString();
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static IntegerValue? Octal(string digits, int sign)
    {
        Int128 value = 0;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7' || value > long.MaxValue)
                return null;
            value = (value * 8) + (digit - '0');
        }
        return new IntegerValue(sign * value);
    }

    private static int? Code(ReadOnlySpan<char> digits, NumberStyles style)
    {
        if (style == NumberStyles.AllowHexSpecifier)
            return int.TryParse(digits, style, CultureInfo.InvariantCulture, out var hex) ? hex : null;
        var code = 0;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7')
                return null;
            code = (code * 8) + (digit - '0');
        }
        return code;
    }
}
