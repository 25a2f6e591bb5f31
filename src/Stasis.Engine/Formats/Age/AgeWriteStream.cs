using System.Security.Cryptography;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;
using ChaCha20Poly1305 = Stasis.Linux.Cryptography.ChaCha20Poly1305;

namespace Stasis.Engine.Formats.Age;

/// <summary>Encrypts into age's format, which age(1) decrypts. Without <see cref="End"/>, the data counts as truncated.</summary>
internal sealed class AgeWriteStream : OneWayStream
{
    private readonly Stream _target;
    private readonly ChaCha20Poly1305 _cipher;
    private readonly byte[] _nonce = new byte[ChaCha20Poly1305.NonceSize];
    private readonly byte[] _chunk = new byte[AgePayloadChunk.ChunkSize];
    private readonly byte[] _encrypted = new byte[AgePayloadChunk.EncryptedChunkSize];
    private int _length;
    private long _number;

    /// <summary>Writes the header.</summary>
    /// <param name="target">The stream for the encrypted data, which stays open.</param>
    /// <param name="recipients">The recipients, at least one, each of whom can decrypt.</param>
    public AgeWriteStream(Stream target, IReadOnlyCollection<AgeRecipient> recipients)
        : base(writes: true)
    {
        if (recipients.Count == 0)
            throw new ArgumentException("it would be encrypted to nobody", nameof(recipients));
        _target = target;
        var fileKey = RandomBytes.Get(AgeHeader.FileKeySize);
        var nonce = RandomBytes.Get(AgeKeyDerivation.PayloadNonceSize);
        target.Write(AgeHeader.Write(recipients.Select(recipient => recipient.Wrap(fileKey)), fileKey));
        target.Write(nonce);
        _cipher = new ChaCha20Poly1305(AgeKeyDerivation.Payload(fileKey, nonce));
        CryptographicOperations.ZeroMemory(fileKey);
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            // A full chunk is kept until more data comes: it may be the last one.
            if (_length == _chunk.Length)
                WriteChunk(last: false);
            var count = Math.Min(buffer.Length, _chunk.Length - _length);
            buffer[..count].CopyTo(_chunk.AsSpan(_length));
            _length += count;
            buffer = buffer[count..];
        }
    }

    /// <summary>Flushes the target. The current chunk isn't written: only the last one may be short.</summary>
    public override void Flush() => _target.Flush();

    /// <summary>Writes the last chunk.</summary>
    public void End() => WriteChunk(last: true);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_chunk);
        base.Dispose(disposing);
    }

    private void WriteChunk(bool last)
    {
        AgePayloadChunk.SetNonce(_nonce, _number++, last);
        var encrypted = _encrypted.AsSpan(0, _length + ChaCha20Poly1305.TagSize);
        _cipher.Encrypt(_nonce, _chunk.AsSpan(0, _length), encrypted);
        _target.Write(encrypted);
        _length = 0;
    }
}
