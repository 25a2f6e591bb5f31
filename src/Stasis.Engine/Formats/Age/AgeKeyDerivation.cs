using System.Text;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Formats.Age;

/// <summary>Derives age's keys (C2SP, age.md).</summary>
internal static class AgeKeyDerivation
{
    public const string StanzaType = "X25519";

    /// <summary>The nonce for wrapping keys, zeros: each encrypts one file key only.</summary>
    public static readonly byte[] NoNonce = new byte[ChaCha20Poly1305.NonceSize];

    /// <summary>The length in bytes of the nonce before the payload, which makes the payload's key unique.</summary>
    public const int PayloadNonceSize = 16;

    /// <summary>The key that encrypts the file key to a recipient.</summary>
    public static byte[] Wrapping(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> share, ReadOnlySpan<byte> recipient) =>
        HmacSha256.DeriveKey(sharedSecret, [.. share, .. recipient], Encoding.ASCII.GetBytes($"{AgeHeader.Version}/{StanzaType}"));

    /// <summary>The key that encrypts the payload.</summary>
    public static byte[] Payload(ReadOnlySpan<byte> fileKey, ReadOnlySpan<byte> nonce) => HmacSha256.DeriveKey(fileKey, nonce, "payload"u8);
}
