using System.Text;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Formats.Ssh;

/// <summary>
/// An SSH public key that archives can be signed with: Ed25519, in a file or in a hardware token (RFC 8709;
/// OpenSSH's PROTOCOL.u2f).
/// </summary>
public sealed class SshPublicKey : IEquatable<SshPublicKey>
{
    /// <summary>The type of Ed25519 keys in files.</summary>
    public const string Ed25519Type = "ssh-ed25519";

    /// <summary>The type of Ed25519 keys in hardware tokens.</summary>
    public const string TokenType = "sk-ssh-ed25519@openssh.com";

    private const byte UserPresent = 1;

    private readonly byte[] _key;
    private readonly string? _application;

    private SshPublicKey(
        string type,
        byte[] key,
        string? application,
        byte[] blob) => (Type, _key, _application, Blob) = (type, key, application, blob);

    /// <summary>The key's type in SSH.</summary>
    public string Type { get; }

    /// <summary>The key's fingerprint as ssh-keygen -l shows it: "SHA256:…".</summary>
    public string Fingerprint => "SHA256:" + Convert.ToBase64String(Sha256.Compute(Blob)).TrimEnd('=');

    /// <summary>The key in SSH's encoding.</summary>
    internal byte[] Blob { get; }

    /// <summary>Whether Stasis can verify signatures of a type of keys.</summary>
    public static bool IsKnownType(string type) => type is Ed25519Type or TokenType;

    /// <summary>Parses a line of a .pub file: "ssh-ed25519 AAAA… comment".</summary>
    /// <exception cref="FormatException">The line is malformed, or its key is of another type.</exception>
    public static SshPublicKey Parse(string line)
    {
        var words = line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
        var blob = new byte[words.Length > 1 ? words[1].Length : 0];
        if (words.Length < 2 || !Convert.TryFromBase64String(words[1], blob, out var size))
            throw new FormatException("it is not an SSH public key");
        var key = Decode(blob.AsSpan(0, size));
        return key.Type == words[0] ? key : throw new FormatException($"it is said to be of type {words[0]} and is of type {key.Type}");
    }

    /// <summary>Decodes a key in SSH's encoding.</summary>
    /// <exception cref="FormatException">The encoding is malformed, or the key is of another type.</exception>
    internal static SshPublicKey Decode(ReadOnlySpan<byte> blob)
    {
        var reader = new SshReader(blob);
        var type = reader.Text();
        if (!IsKnownType(type))
            throw new FormatException($"it is a key of type {type}; only {Ed25519Type} and {TokenType} are understood");
        var key = reader.String().ToArray();
        var application = type == TokenType ? reader.Text() : null;
        return key.Length == Ed25519.KeySize && reader.AtEnd
            ? new SshPublicKey(type, key, application, blob.ToArray())
            : throw new FormatException("it is not an Ed25519 key");
    }

    /// <summary>Creates the public key of type <see cref="Ed25519Type"/> from its bytes.</summary>
    internal static SshPublicKey FromEd25519(byte[] key) =>
        new(Ed25519Type, key, null, new SshWriter().String(Ed25519Type).String(key).ToArray());

    /// <summary>Whether a signature, in SSH's encoding, is one of the data by this key.</summary>
    internal bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        try
        {
            var reader = new SshReader(signature);
            if (reader.Text() != Type)
                return false;
            var value = reader.String();
            return _application is null ? reader.AtEnd && Ed25519.Verify(_key, data, value) : VerifiesToken(data, value, ref reader);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    // A token signs the hash together with flags that say whether its owner touched it.
    private bool VerifiesToken(ReadOnlySpan<byte> data, ReadOnlySpan<byte> value, ref SshReader reader)
    {
        var flags = reader.Bytes(1)[0];
        byte[] signed = [.. Sha256.Compute(Encoding.UTF8.GetBytes(_application!)), flags, .. reader.Bytes(4), .. Sha256.Compute(data)];
        return reader.AtEnd && (flags & UserPresent) != 0 && Ed25519.Verify(_key, signed, value);
    }

    /// <inheritdoc/>
    public bool Equals(SshPublicKey? other) => other is not null && Blob.AsSpan().SequenceEqual(other.Blob);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SshPublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_key);

    /// <summary>Formats the key as a line of a .pub file, without comment.</summary>
    public override string ToString() => $"{Type} {Convert.ToBase64String(Blob)}";
}
