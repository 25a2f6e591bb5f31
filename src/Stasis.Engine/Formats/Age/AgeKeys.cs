using System.Text;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Formats.Age;

/// <summary>Keys that are derived from others (C2SP, age.md).</summary>
internal static class AgeKeys
{
    public const string StanzaType = "X25519";

    /// <summary>Each wrapping key encrypts one file key alone.</summary>
    public static readonly byte[] NoNonce = new byte[ChaCha20Poly1305.NonceSize];

    /// <summary>Bytes before the payload that make its key another one each time.</summary>
    public const int PayloadNonceSize = 16;

    public static byte[] Wrapping(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> share, ReadOnlySpan<byte> recipient) =>
        HmacSha256.DeriveKey(sharedSecret, [.. share, .. recipient], Encoding.ASCII.GetBytes($"{AgeHeader.Version}/{StanzaType}"));

    public static byte[] Payload(ReadOnlySpan<byte> fileKey, ReadOnlySpan<byte> nonce) => HmacSha256.DeriveKey(fileKey, nonce, "payload"u8);
}
