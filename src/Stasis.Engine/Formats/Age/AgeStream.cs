using System.Buffers.Binary;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Formats.Age;

/// <summary>How the payload is cut: chunks of 64 KiB, each with its number and whether it is the last one in its nonce (STREAM; C2SP, age.md).</summary>
internal static class AgeStream
{
    /// <summary>Bytes in a chunk, but for the last one.</summary>
    public const int ChunkSize = 64 << 10;

    /// <summary>The same, encrypted.</summary>
    public const int EncryptedChunkSize = ChunkSize + ChaCha20Poly1305.TagSize;

    /// <summary>Eleven bytes of number, of which eight are enough for a file of any size that there is, and one that is 1 for the last chunk.</summary>
    public static void SetNonce(Span<byte> nonce, long number, bool last)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[3..11], number);
        nonce[11] = last ? (byte)1 : (byte)0;
    }
}
