using System.Security.Cryptography;
using System.Text;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Formats.Age;

/// <summary>
/// The header of age's format, version 1 (C2SP, age.md): a line with the version, a stanza a recipient, a
/// line with the authentication code.
/// </summary>
internal sealed class AgeHeader
{
    /// <summary>The first line of every encrypted file.</summary>
    public const string Version = "age-encryption.org/v1";

    /// <summary>The length in bytes of the key that a file is encrypted with.</summary>
    public const int FileKeySize = 16;

    private const int Columns = 64;

    // Room for more than a thousand recipients.
    private const int MaxSize = 256 << 10;

    private const string StanzaMark = "-> ";
    private const string MacMark = "---";

    private readonly byte[] _authenticated;
    private readonly byte[] _mac;

    private AgeHeader(IReadOnlyList<AgeStanza> stanzas, byte[] authenticated, byte[] mac, long macOffset) =>
        (Stanzas, _authenticated, _mac, MacOffset) = (stanzas, authenticated, mac, macOffset);

    public IReadOnlyList<AgeStanza> Stanzas { get; }

    /// <summary>The offset of the line with the authentication code.</summary>
    public long MacOffset { get; }

    /// <summary>Reads a header, and not a byte beyond it.</summary>
    /// <exception cref="AgeException">The header is malformed or too long.</exception>
    public static AgeHeader Read(Stream source)
    {
        var lines = new AgeLines(source, MaxSize);
        if (lines.Next() != Version)
            throw new AgeException(0, $"the first line is not \"{Version}\"");
        var stanzas = new List<AgeStanza>();
        while (true)
        {
            var line = lines.Next();
            if (line.StartsWith(StanzaMark, StringComparison.Ordinal))
                stanzas.Add(ReadStanza(line, lines));
            else if (line.StartsWith(MacMark, StringComparison.Ordinal))
                return End(line, lines, stanzas);
            else
                throw new AgeException(lines.Offset, "neither a recipient's stanza nor the header's end");
        }
    }

    /// <summary>Formats a header.</summary>
    public static byte[] Write(IEnumerable<AgeStanza> stanzas, ReadOnlySpan<byte> fileKey)
    {
        var text = new StringBuilder(Version).Append('\n');
        foreach (var stanza in stanzas)
        {
            text.Append(StanzaMark).AppendJoin(' ', stanza.Arguments).Append('\n');
            var body = AgeBase64.Encode(stanza.Body);
            // The last line is always shorter than the others; it may be empty.
            for (var at = 0; at <= body.Length; at += Columns)
                text.Append(body.AsSpan(at, Math.Min(Columns, body.Length - at))).Append('\n');
        }
        text.Append(MacMark);
        var mac = Mac(Encoding.ASCII.GetBytes(text.ToString()), fileKey);
        return Encoding.ASCII.GetBytes(text.Append(' ').Append(AgeBase64.Encode(mac)).Append('\n').ToString());
    }

    /// <summary>Whether every byte of the header is as written with a file key.</summary>
    public bool IsAuthentic(ReadOnlySpan<byte> fileKey) => CryptographicOperations.FixedTimeEquals(Mac(_authenticated, fileKey), _mac);

    private static byte[] Mac(byte[] authenticated, ReadOnlySpan<byte> fileKey)
    {
        var key = HmacSha256.DeriveKey(fileKey, salt: [], "header"u8);
        return HmacSha256.Compute(key, authenticated);
    }

    private static AgeStanza ReadStanza(string line, AgeLines lines)
    {
        var offset = lines.Offset;
        var arguments = line[StanzaMark.Length..].Split(' ');
        if (arguments.Any(argument => argument.Length == 0))
            throw new AgeException(offset, "a recipient's stanza with an empty argument");
        var body = new List<byte>();
        while (true)
        {
            var text = lines.Next();
            if (text.Length > Columns || AgeBase64.Decode(text) is not { } part)
                throw new AgeException(lines.Offset, "the body of a recipient's stanza is not Base64 in lines of 64 characters");
            body.AddRange(part);
            if (text.Length < Columns)
                return new AgeStanza(offset, arguments, [.. body]);
        }
    }

    private static AgeHeader End(string line, AgeLines lines, List<AgeStanza> stanzas)
    {
        if (stanzas.Count == 0)
            throw new AgeException(lines.Offset, "it is encrypted to nobody");
        if (stanzas.Count > 1 && stanzas.Find(stanza => stanza.Type == "scrypt") is { } passphrase)
            throw new AgeException(passphrase.Offset, "a passphrase's stanza must be the only one");
        if (!line.StartsWith(MacMark + " ", StringComparison.Ordinal)
            || AgeBase64.Decode(line.AsSpan(MacMark.Length + 1)) is not { Length: Sha256.Size } mac)
            throw new AgeException(lines.Offset, "the header's end has no authentication code");
        return new AgeHeader(stanzas, lines.Before(MacMark), mac, lines.Offset);
    }
}
