using System.Buffers.Binary;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Formats.Age;

/// <summary>
/// The chunks of the payload: 64 KiB each, with the chunk's number and whether it is the last one in the
/// nonce (STREAM; C2SP, age.md).
/// </summary>
internal static class AgePayloadChunk
{
    /// <summary>The length of every chunk except the last one, in bytes.</summary>
    public const int ChunkSize = 64 << 10;

    /// <summary>The length of an encrypted chunk, in bytes.</summary>
    public const int EncryptedChunkSize = ChunkSize + ChaCha20Poly1305.TagSize;

    /// <summary>
    /// Writes a chunk's nonce: the number in eleven bytes, of which eight suffice for any file, and a byte
    /// that is 1 for the last chunk.
    /// </summary>
    public static void SetNonce(Span<byte> nonce, long number, bool last)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[3..11], number);
        nonce[11] = last ? (byte)1 : (byte)0;
    }
}
