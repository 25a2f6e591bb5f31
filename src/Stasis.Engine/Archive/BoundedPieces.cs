namespace Stasis.Engine.Archive;

/// <summary>The plain data of an archive, as long as it keeps within the limits: what it decompresses to isn't known before.</summary>
internal sealed class BoundedPieces(PieceStream plain, ArchiveSource source, string archive, ArchiveLimits limits) : PieceStream
{
    protected override ReadOnlyMemory<byte> NextPiece()
    {
        var piece = plain.TakePiece();
        var total = Count + piece.Length;
        if (total > limits.MaxSize)
            throw new ArchiveException(archive, null, $"it has more than {limits.MaxSize} bytes decompressed") { Remedy = "allow more with --max-size" };
        if (total > limits.RatioFrom && total / limits.MaxRatio > source.Length)
            throw new ArchiveException(archive, null, $"it has more than {limits.MaxRatio} times its compressed size") { Remedy = "allow more with --max-ratio, if it is known to hold a container that has filled memory with one and the same byte" };
        return piece;
    }
}
