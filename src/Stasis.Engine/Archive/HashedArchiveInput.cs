using Stasis.Engine.Archive.Signing;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;
using Stasis.Engine.Streams;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Archive;

/// <summary>Reads an archive once, from its beginning to its end, on a thread of its own, and hashes it on the way.</summary>
internal sealed class HashedArchiveInput : IDisposable
{
    private readonly Sha256 _hash = new();
    private readonly ReadAheadStream _bytes;
    private readonly ArchiveReadSettings _access;
    private readonly CancellationToken _cancellation;
    private ZeroCopyReadStream? _content;

    /// <param name="archive">The archive's name in messages. If it is a path, the signature is looked for beside it.</param>
    /// <param name="file">The archive, opened by <see cref="Open"/>. The stream stays open.</param>
    /// <param name="access">The identities to decrypt with, and the signers one of whom must have signed.</param>
    /// <param name="progress">Receives the bytes read so far, and the archive's length if it is known.</param>
    /// <param name="cancellation">Ends waiting for data.</param>
    /// <exception cref="ArchiveException">The archive isn't signed by a trusted signer.</exception>
    public HashedArchiveInput(
        string archive,
        Stream file,
        ArchiveReadSettings access,
        Action<(long Done, long? Total)> progress,
        CancellationToken cancellation)
    {
        (_access, _cancellation) = (access, cancellation);
        Signature = access.Signers is { } signers ? SignatureCheck.Open(archive, access.Signature, signers) : null;
        var total = file.CanSeek ? file.Length : (long?)null;
        _bytes = new ReadAheadStream(file, piece =>
        {
            _hash.Append(piece.Span);
            Signature?.Append(piece.Span);
            Length += piece.Length;
            progress((Length, total));
        }, cancellation);
    }

    /// <summary>The archive's content, decrypted if it is encrypted.</summary>
    /// <exception cref="AgeException">The archive is encrypted, and not to one of the identities.</exception>
    public ZeroCopyReadStream Content => _content ??= _bytes.Peek().StartsWith(AgeReadStream.Magic)
        ? new ReadAheadStream(new AgeReadStream(_bytes, _access.Identities), cancellation: _cancellation)
        : _bytes;

    /// <summary>Whether the archive is encrypted; known once <see cref="Content"/> was read.</summary>
    public bool IsEncrypted => _content is not null && _content != _bytes;

    /// <summary>The archive's signature; null if none is required.</summary>
    public SignatureCheck? Signature { get; }

    /// <summary>Bytes of the archive read so far.</summary>
    public long Length { get; private set; }

    /// <summary>Returns "sha256:" and the hash of the archive's bytes, all of which must have been read.</summary>
    /// <exception cref="ArchiveException">The signature isn't one of these bytes.</exception>
    public string Digest()
    {
        if (!Content.Peek().IsEmpty || !_bytes.Peek().IsEmpty)
            throw new InvalidOperationException("the archive was not read to its end");
        var hash = _hash.Finish();
        Signature?.Require(hash);
        return Digests.Text(hash);
    }

    public void Dispose()
    {
        _content?.Dispose();
        _bytes.Dispose();
    }

    /// <summary>Opens an archive. An import opens it once, so that the file that is looked up, hashed and unpacked is the same.</summary>
    /// <exception cref="ArchiveException">The archive can't be opened.</exception>
    public static Stream Open(string archive)
    {
        if (archive.Length == 0)
            throw new ArchiveException("\"\"", null, "that names no file") { Remedy = "give its path, or - for standard input" };
        try
        {
            return archive == "-"
                ? StandardStream.Input
                : new FileStream(archive, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ArchiveException.CantOpen(archive, "a checkpoint archive", e);
        }
    }
}
