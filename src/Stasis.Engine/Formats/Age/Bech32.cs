using System.Text;

namespace Stasis.Engine.Formats.Age;

/// <summary>Bech32 (BIP 173), the form of age's keys; as in age, without the limit of 90 characters.</summary>
internal static class Bech32
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int ChecksumLength = 6;
    private static readonly uint[] Generator = [0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3];

    /// <summary>Encodes data after a lower-case prefix that says what the data is.</summary>
    public static string Encode(string prefix, ReadOnlySpan<byte> data)
    {
        var values = Regroup(data, 8, 5, pad: true)!;
        var checksum = Polymod([.. Expand(prefix), .. values, 0, 0, 0, 0, 0, 0]) ^ 1;
        var text = new StringBuilder(prefix).Append('1');
        foreach (var value in values)
            text.Append(Alphabet[value]);
        for (var i = 0; i < ChecksumLength; i++)
            text.Append(Alphabet[(int)(checksum >> (5 * (ChecksumLength - 1 - i))) & 31]);
        return text.ToString();
    }

    /// <summary>
    /// Decodes text into its prefix, as written, and its data. Returns null if the checksum is wrong, the
    /// text isn't Bech32, or its case is mixed.
    /// </summary>
    public static (string Prefix, byte[] Data)? Decode(string text)
    {
        var lower = text.ToLowerInvariant();
        if (text.Any(char.IsAsciiLetterUpper) && text.Any(char.IsAsciiLetterLower))
            return null;
        var separator = lower.LastIndexOf('1');
        if (separator < 1 || lower.Length - separator - 1 < ChecksumLength || lower.Any(c => c is < '!' or > '~'))
            return null;
        var prefix = text[..separator];
        var values = lower[(separator + 1)..].Select(c => (byte)Alphabet.IndexOf(c, StringComparison.Ordinal)).ToArray();
        if (values.Any(value => value > 31) || Polymod([.. Expand(lower[..separator]), .. values]) != 1)
            return null;
        return Regroup(values.AsSpan(..^ChecksumLength), 5, 8, pad: false) is { } data ? (prefix, data) : null;
    }

    private static byte[] Expand(string prefix) => [.. prefix.Select(c => (byte)(c >> 5)), 0, .. prefix.Select(c => (byte)(c & 31))];

    private static uint Polymod(ReadOnlySpan<byte> values)
    {
        var sum = 1u;
        foreach (var value in values)
        {
            var top = sum >> 25;
            sum = ((sum & 0x1FFFFFF) << 5) ^ value;
            for (var i = 0; i < Generator.Length; i++)
                if ((top >> i & 1) == 1)
                    sum ^= Generator[i];
        }
        return sum;
    }

    // Left-over bits must be fewer than a group, and zeros: otherwise two texts would have the same meaning.
    private static byte[]? Regroup(ReadOnlySpan<byte> data, int from, int to, bool pad)
    {
        var groups = new List<byte>();
        var (bits, count) = (0, 0);
        foreach (var value in data)
        {
            bits = ((bits << from) | value) & 0xFFFF;
            for (count += from; count >= to;)
                groups.Add((byte)((bits >> (count -= to)) & ((1 << to) - 1)));
        }
        if (pad && count > 0)
            groups.Add((byte)((bits << (to - count)) & ((1 << to) - 1)));
        return pad || (count < from && (bits & ((1 << count) - 1)) == 0) ? [.. groups] : null;
    }
}
