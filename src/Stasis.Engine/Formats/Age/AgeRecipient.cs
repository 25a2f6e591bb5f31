using Stasis.Engine.Errors;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Formats.Age;

/// <summary>A recipient that archives are encrypted to: an X25519 public key, written "age1…".</summary>
internal sealed class AgeRecipient
{
    /// <summary>The first characters of every recipient.</summary>
    internal const string Start = Prefix + "1";

    private const string Prefix = "age";

    internal AgeRecipient(byte[] publicKey) => PublicKey = publicKey;

    internal byte[] PublicKey { get; }

    /// <summary>Parses "age1…".</summary>
    /// <exception cref="StasisException">The text isn't a recipient; it may be mistyped.</exception>
    public static AgeRecipient Parse(string text) =>
        Bech32.Decode(text) is (Prefix, { Length: X25519.Size } key)
            ? new AgeRecipient(key)
            : throw new StasisException(text.StartsWith("AGE-SECRET-KEY-", StringComparison.OrdinalIgnoreCase)
                ? "a secret key was given as a recipient"
                : $"\"{text}\" is not a recipient: it must be an age public key, age1…, or a file of them")
            {
                Remedy = "age-keygen -o FILE makes a key and prints its public part; age-keygen -y FILE prints it again",
            };

    /// <summary>Formats the recipient as "age1…".</summary>
    public override string ToString() => Bech32.Encode(Prefix, PublicKey);

    /// <summary>Encrypts a file key to the recipient, with an ephemeral key.</summary>
    internal AgeStanza Wrap(ReadOnlySpan<byte> fileKey)
    {
        var ephemeral = RandomBytes.Get(X25519.Size);
        var share = X25519.PublicKey(ephemeral);
        var shared = X25519.SharedSecret(ephemeral, PublicKey)
            ?? throw new StasisException($"{this} is not a recipient: anybody could read what is encrypted to it");
        using var cipher = new ChaCha20Poly1305(AgeKeyDerivation.Wrapping(shared, share, PublicKey));
        var body = new byte[fileKey.Length + ChaCha20Poly1305.TagSize];
        cipher.Encrypt(AgeKeyDerivation.NoNonce, fileKey, body);
        return new AgeStanza(0, [AgeKeyDerivation.StanzaType, AgeBase64.Encode(share)], body);
    }
}
