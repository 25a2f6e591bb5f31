using Stasis.Engine.Errors;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Formats.Age;

/// <summary>Whom an archive is encrypted to: an X25519 public key, written "age1…".</summary>
internal sealed class AgeRecipient
{
    /// <summary>What one begins with.</summary>
    internal const string Start = Prefix + "1";

    private const string Prefix = "age";

    internal AgeRecipient(byte[] publicKey) => PublicKey = publicKey;

    internal byte[] PublicKey { get; }

    /// <summary>Reads "age1…".</summary>
    /// <exception cref="StasisException">It isn't one, mistyped for example.</exception>
    public static AgeRecipient Parse(string text) =>
        Bech32.Decode(text) is (Prefix, { Length: X25519.Size } key)
            ? new AgeRecipient(key)
            : throw new StasisException(text.StartsWith("AGE-SECRET-KEY-", StringComparison.OrdinalIgnoreCase)
                ? "a secret key was given as a recipient"
                : $"\"{text}\" is not a recipient: it must be an age public key, age1…, or a file of them")
            {
                Remedy = "age-keygen -o FILE makes a key and prints its public part; age-keygen -y FILE prints it again",
            };

    /// <summary>"age1…".</summary>
    public override string ToString() => Bech32.Encode(Prefix, PublicKey);

    /// <summary>Encrypts a file key to it, with a key of its own for this once.</summary>
    internal AgeStanza Wrap(ReadOnlySpan<byte> fileKey)
    {
        var ephemeral = RandomBytes.Get(X25519.Size);
        var share = X25519.PublicKey(ephemeral);
        var shared = X25519.SharedSecret(ephemeral, PublicKey) ?? throw new StasisException($"{this} is not a recipient: anybody could read what is encrypted to it");
        using var cipher = new ChaCha20Poly1305(AgeKeys.Wrapping(shared, share, PublicKey));
        var body = new byte[fileKey.Length + ChaCha20Poly1305.TagSize];
        cipher.Encrypt(AgeKeys.NoNonce, fileKey, body);
        return new AgeStanza(0, [AgeKeys.StanzaType, AgeBase64.Encode(share)], body);
    }
}
