using System.IO.Compression;

namespace Stasis.Engine.Formats.Compression;

/// <summary>Writes gzip in members of <see cref="ParallelFrameWriter.PieceSize"/> plain bytes, which readers concatenate.</summary>
internal sealed class GzipMemberWriter(Stream target) : ParallelFrameWriter(target)
{
    protected override int Compress(ReadOnlySpan<byte> plain, ref byte[] compressed)
    {
        var member = new MemoryStream(PieceSize / 2);
        using (var gzip = new GZipStream(member, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(plain);
        compressed = member.GetBuffer();
        return (int)member.Length;
    }
}
