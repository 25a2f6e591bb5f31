using System.Globalization;
using Stasis.Linux;

namespace Stasis.Engine.Archive;

/// <summary>An archive that is being read, once, from its beginning to its end, and hashed on the way; by another thread than the one that takes it.</summary>
internal sealed class ArchiveSource : IDisposable
{
    private readonly Stream _file;
    private readonly Sha256 _hash = new();

    /// <param name="archive">Path, or "-" for standard input.</param>
    /// <param name="progress">Told how much was read, and how long it is if that is known.</param>
    /// <param name="cancellation">Ends waiting.</param>
    /// <exception cref="ArchiveException">It can't be opened.</exception>
    public ArchiveSource(string archive, Action<(long Done, long? Total)> progress, CancellationToken cancellation)
    {
        _file = Open(archive);
        var total = _file.CanSeek ? _file.Length : (long?)null;
        Bytes = new ReadAhead(_file, piece =>
        {
            _hash.Append(piece.Span);
            Length += piece.Length;
            progress((Length, total));
        }, cancellation);
    }

    /// <summary>Its bytes as they are.</summary>
    public PieceStream Bytes { get; }

    /// <summary>How much was read so far.</summary>
    public long Length { get; private set; }

    /// <summary>"sha256:" and the hash of all bytes, which are read.</summary>
    public string Digest() => Bytes.Peek().IsEmpty
        ? string.Create(CultureInfo.InvariantCulture, $"sha256:{Convert.ToHexStringLower(_hash.Finish())}")
        : throw new InvalidOperationException("the archive was not read to its end");

    public void Dispose()
    {
        Bytes.Dispose();
        _file.Dispose();
    }

    private static Stream Open(string archive)
    {
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
