using Stasis.Engine.Archive.Signing;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;
using Stasis.Engine.Streams;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Archive;

/// <summary>An archive that is being read, once, from its beginning to its end, and hashed on the way; by another thread than the one that takes it.</summary>
internal sealed class ArchiveInput : IDisposable
{
    private readonly Sha256 _hash = new();
    private readonly ReadAheadStream _bytes;
    private readonly ArchiveAccess _access;
    private readonly CancellationToken _cancellation;
    private ChunkStream? _content;

    /// <param name="archive">What to call it in messages; beside it, if it is a path, its signature is looked for.</param>
    /// <param name="file">It, as <see cref="Open"/> opened it. It stays open.</param>
    /// <param name="access">Who reads it, and who must have signed it.</param>
    /// <param name="progress">Told how much was read, and how long it is if that is known.</param>
    /// <param name="cancellation">Ends waiting.</param>
    /// <exception cref="ArchiveException">It is not signed by somebody who is trusted.</exception>
    public ArchiveInput(string archive, Stream file, ArchiveAccess access, Action<(long Done, long? Total)> progress, CancellationToken cancellation)
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

    /// <summary>What it holds, decrypted where it is encrypted.</summary>
    /// <exception cref="AgeException">It is, and not to one of the identities.</exception>
    public ChunkStream Content => _content ??= _bytes.Peek().StartsWith(AgeReadStream.Magic)
        ? new ReadAheadStream(new AgeReadStream(_bytes, _access.Identities), cancellation: _cancellation)
        : _bytes;

    /// <summary>It was encrypted.</summary>
    public bool IsEncrypted => _content is not null && _content != _bytes;

    /// <summary>Its signature, if it must have one.</summary>
    public SignatureCheck? Signature { get; }

    /// <summary>How much was read so far.</summary>
    public long Length { get; private set; }

    /// <summary>"sha256:" and the hash of all bytes, which are read.</summary>
    /// <exception cref="ArchiveException">They are not those that were signed.</exception>
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

    /// <summary>Opens an archive. It is opened once: what is looked up, hashed and unpacked is the same file.</summary>
    /// <exception cref="ArchiveException">It can't be opened.</exception>
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
