using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Formats.Age;

/// <summary>An identity that can decrypt: an X25519 secret key, written "AGE-SECRET-KEY-1…".</summary>
internal sealed class AgeIdentity
{
    private const string Prefix = "AGE-SECRET-KEY-";

    private readonly byte[] _secret;
    private readonly byte[] _public;

    internal AgeIdentity(byte[] secret) => (_secret, _public) = (secret, X25519.PublicKey(secret));

    /// <summary>Generates a new identity.</summary>
    public static AgeIdentity Generate() => new(RandomBytes.Get(X25519.Size));

    /// <summary>Parses "AGE-SECRET-KEY-1…".</summary>
    /// <returns>The identity; null if the text isn't one.</returns>
    public static AgeIdentity? TryParse(string text) =>
        Bech32.Decode(text) is (Prefix, { Length: X25519.Size } key) ? new AgeIdentity(key) : null;

    /// <summary>The recipient to encrypt to so that this identity can decrypt.</summary>
    public AgeRecipient Recipient => new(_public);

    /// <summary>Formats the identity as "AGE-SECRET-KEY-1…", a secret.</summary>
    public string Export() => Bech32.Encode(Prefix.ToLowerInvariant(), _secret).ToUpperInvariant();

    /// <summary>Decrypts the file key in a stanza; null if the stanza isn't for this identity.</summary>
    /// <exception cref="AgeException">The stanza is of type X25519, and malformed.</exception>
    internal byte[]? TryUnwrap(AgeStanza stanza)
    {
        if (stanza.Type != AgeKeyDerivation.StanzaType)
            return null;
        if (stanza.Arguments.Count != 2 || AgeBase64.Decode(stanza.Arguments[1]) is not { Length: X25519.Size } share)
            throw new AgeException(stanza.Offset, "an X25519 stanza whose argument is not a public key");
        if (stanza.Body.Length != AgeHeader.FileKeySize + ChaCha20Poly1305.TagSize)
            throw new AgeException(stanza.Offset, $"an X25519 stanza whose body has {stanza.Body.Length} bytes");
        var shared =
            X25519.SharedSecret(_secret, share) ?? throw new AgeException(stanza.Offset, "an X25519 stanza with a public key of low order");
        using var cipher = new ChaCha20Poly1305(AgeKeyDerivation.Wrapping(shared, share, _public));
        var fileKey = new byte[AgeHeader.FileKeySize];
        return cipher.TryDecrypt(AgeKeyDerivation.NoNonce, stanza.Body, fileKey) ? fileKey : null;
    }
}
