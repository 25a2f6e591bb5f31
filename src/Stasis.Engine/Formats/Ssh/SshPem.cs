namespace Stasis.Engine.Formats.Ssh;

/// <summary>Base64 between "-----BEGIN …-----" and "-----END …-----".</summary>
internal static class SshPem
{
    private const int Columns = 70; // as ssh-keygen writes

    /// <summary>Decodes the Base64 between the lines of a kind of block.</summary>
    /// <exception cref="FormatException">The text isn't such a block.</exception>
    public static byte[] Decode(string text, string what)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length < 2 || lines[0] != $"-----BEGIN {what}-----" || lines[^1] != $"-----END {what}-----")
            throw new FormatException($"it doesn't begin with -----BEGIN {what}----- and end with -----END {what}-----");
        return Convert.FromBase64String(string.Concat(lines[1..^1]));
    }

    public static string Encode(ReadOnlySpan<byte> data, string what)
    {
        var body = Convert.ToBase64String(data).Chunk(Columns).Select(line => new string(line));
        return $"-----BEGIN {what}-----\n{string.Join('\n', body)}\n-----END {what}-----\n";
    }
}
