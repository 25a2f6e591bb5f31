using Stasis.Engine.Errors;
using Stasis.Engine.Streams;

namespace Stasis.Engine.Archive;

/// <summary>The plain data of an archive within its limits: how much an archive decompresses to isn't known before.</summary>
internal sealed class LimitedStream(ZeroCopyReadStream plain, HashedArchiveInput source, string archive, ArchiveLimits limits)
    : ZeroCopyReadStream
{
    protected override ReadOnlyMemory<byte> NextPiece()
    {
        var piece = plain.TakePiece();
        var total = Count + piece.Length;
        Require(total, source.Length, archive, limits);
        return piece;
    }

    /// <summary>Requires that an archive decompresses to no more than allowed.</summary>
    /// <param name="total">Bytes of plain data.</param>
    /// <param name="compressed">Bytes of the archive that they were decompressed from.</param>
    /// <param name="archive">The archive's name in messages.</param>
    /// <param name="limits">The limits.</param>
    /// <exception cref="ArchiveException">The plain data is too long, in total or for its compressed length.</exception>
    public static void Require(long total, long compressed, string archive, ArchiveLimits limits)
    {
        if (total > limits.MaxSize)
            throw new ArchiveException(
                archive, null, $"it has more than {limits.MaxSize} bytes decompressed")
            { Remedy = "allow more with --max-size" };
        if (total > limits.RatioFrom && total / limits.MaxRatio > compressed)
            throw new ArchiveException(archive, null, $"it has more than {limits.MaxRatio} times its compressed size")
            {
                Remedy = "allow more with --max-ratio, if it is known to hold a container that has filled memory "
                    + "with one and the same byte",
            };
    }
}
