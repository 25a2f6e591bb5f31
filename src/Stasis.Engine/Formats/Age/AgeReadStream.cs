using System.Security.Cryptography;
using Stasis.Engine.Streams;
using Stasis.Linux.Files;
using ChaCha20Poly1305 = Stasis.Linux.Cryptography.ChaCha20Poly1305;

namespace Stasis.Engine.Formats.Age;

/// <summary>
/// Decrypts age's format. No byte of a chunk is returned unless the chunk is authentic and in its place.
/// Truncation is noticed only at the end: a caller must read up to there.
/// </summary>
internal sealed class AgeReadStream : OneWayStream
{
    private readonly Stream _source;
    private readonly ChaCha20Poly1305 _cipher;
    private readonly byte[] _nonce = new byte[ChaCha20Poly1305.NonceSize];
    private readonly byte[] _chunk = new byte[AgePayloadChunk.ChunkSize];
    private readonly byte[] _encrypted = new byte[AgePayloadChunk.EncryptedChunkSize + 1];
    private int _start;
    private int _end;
    private int _ahead; // bytes of the next chunk that were read with the previous one
    private long _number;
    private long _offset;
    private bool _ended;

    /// <summary>Reads the header and decrypts the file key.</summary>
    /// <param name="source">The encrypted data. The stream stays open.</param>
    /// <param name="identities">The identities to decrypt with.</param>
    /// <exception cref="AgeException">The header is damaged, or none of the identities is among its recipients.</exception>
    public AgeReadStream(Stream source, IReadOnlyList<AgeIdentity> identities)
        : base(writes: false)
    {
        _source = source;
        var counted = new PushbackStream([], source);
        var header = AgeHeader.Read(counted);
        var fileKey = Unwrap(header, identities);
        if (!header.IsAuthentic(fileKey))
            throw new AgeException(header.MacOffset, "the header's authentication code is wrong: it was damaged or tampered with");
        var nonce = new byte[AgeKeyDerivation.PayloadNonceSize];
        if (counted.ReadAtLeast(nonce, nonce.Length, throwOnEndOfStream: false) < nonce.Length)
            throw new AgeException(counted.Count, "it ends behind the header: truncated");
        _offset = counted.Count;
        _cipher = new ChaCha20Poly1305(AgeKeyDerivation.Payload(fileKey, nonce));
        CryptographicOperations.ZeroMemory(fileKey);
    }

    /// <summary>The first bytes of encrypted data.</summary>
    public static ReadOnlySpan<byte> Magic => "age-encryption.org/v1\n"u8;

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_start == _end && !_ended)
            ReadChunk();
        var count = Math.Min(buffer.Length, _end - _start);
        _chunk.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_chunk);
        base.Dispose(disposing);
    }

    // One byte beyond the chunk tells whether it is the last.
    private void ReadChunk()
    {
        var read = _ahead + _source.ReadAtLeast(_encrypted.AsSpan(_ahead), _encrypted.Length - _ahead, throwOnEndOfStream: false);
        var last = read < _encrypted.Length;
        var size = last ? read : AgePayloadChunk.EncryptedChunkSize;
        if (size < ChaCha20Poly1305.TagSize)
            throw new AgeException(_offset + size, "it ends before its last chunk: truncated");
        var plain = size - ChaCha20Poly1305.TagSize;
        if (!TryDecrypt(size, last))
            throw Damaged(size, last);
        if (plain == 0 && _number > 0)
            throw new AgeException(_offset, "its last chunk is empty");
        (_start, _end, _ended) = (0, plain, last);
        _number++;
        _offset += size;
        _ahead = last ? 0 : 1;
        _encrypted[0] = _encrypted[AgePayloadChunk.EncryptedChunkSize];
    }

    private bool TryDecrypt(int size, bool last)
    {
        AgePayloadChunk.SetNonce(_nonce, _number, last);
        return _cipher.TryDecrypt(_nonce, _encrypted.AsSpan(0, size), _chunk.AsSpan(0, size - ChaCha20Poly1305.TagSize));
    }

    private AgeException Damaged(int size, bool last)
    {
        if (!TryDecrypt(size, !last))
            return new AgeException(_offset, $"chunk {_number} is damaged, was tampered with, or is not in its place");
        CryptographicOperations.ZeroMemory(_chunk);
        return last
            ? new AgeException(_offset + size, "it ends before its last chunk: truncated")
            : new AgeException(_offset + size, "data follows the last chunk");
    }

    private static byte[] Unwrap(AgeHeader header, IReadOnlyList<AgeIdentity> identities)
    {
        foreach (var stanza in header.Stanzas)
            foreach (var identity in identities)
                if (identity.TryUnwrap(stanza) is { } fileKey)
                    return fileKey;
        var types = string.Join(", ", header.Stanzas.Select(stanza => stanza.Type).Distinct());
        var foreign = header.Stanzas.All(stanza => stanza.Type != AgeKeyDerivation.StanzaType);
        throw new AgeException(header.Stanzas[0].Offset, foreign
            ? $"it is encrypted to recipients of a kind that isn't understood ({types})"
            : identities.Count == 0 ? "it is encrypted, and no identity was given" : "none of the given identities can decrypt it")
        {
            Remedy = foreign
                ? "decrypt it with age: age -d -i IDENTITY FILE | stasis container restore --import -"
                : "give the identity that it is encrypted to: --identity FILE",
        };
    }
}
