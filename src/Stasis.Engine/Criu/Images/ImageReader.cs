using System.Buffers.Binary;
using System.Globalization;

namespace Stasis.Engine.Criu.Images;

/// <summary>
/// Reads the records of an image file, and checks each before it returns it. The length and the number of records are limited.
/// Contents that follow records (of pipes, sockets, deleted files) are skipped, but must be there. The file must end where its last record
/// ends.
/// </summary>
/// <param name="open">Opens the file.</param>
/// <param name="kind">The kind that the file must be.</param>
/// <param name="where">The file's name in messages.</param>
/// <param name="skipsUnknownFields">Skip fields that <see cref="ImageSchema"/> doesn't have, instead of refusing the file.</param>
internal sealed class ImageReader(Func<ImageChunkReader> open, ImageKind kind, string where, bool skipsUnknownFields = false)
{
    /// <summary>IMG_COMMON_MAGIC: before the kind's own in all images but the inventory and statistics (criu/image.c).</summary>
    public const uint CommonMagic = 0x54564319;

    /// <summary>IMG_SERVICE_MAGIC: before the kind's own in statistics.</summary>
    public const uint ServiceMagic = 0x55105940;

    /// <summary>
    /// The longest record in bytes: a process may have 65530 mappings (vm.max_map_count) of some 60 bytes each, all in one
    /// record.
    /// </summary>
    public const int MaxRecordLength = 64 << 20;

    private int _count;

    /// <summary>Reads all records.</summary>
    /// <exception cref="ImageException">Thrown while the records are enumerated: the file is not of the kind that it must be.</exception>
    public IEnumerable<ImageRecord> Read()
    {
        _count = 0;
        using var source = open();
        if (kind.Message is null)
            yield break;
        RequireMagic(source);
        var message = ImageSchema.Message(kind.Layout == ImageLayout.Pagemap ? "pagemap_head" : kind.Message!);
        if (kind.Layout is ImageLayout.One or ImageLayout.Pagemap or ImageLayout.Ghost or ImageLayout.TcpQueues)
        {
            var only = Next(source, message);
            yield return only;
            if (kind.Layout is ImageLayout.Ghost or ImageLayout.TcpQueues)
                SkipContent(source, only);
            if (kind.Layout != ImageLayout.Pagemap)
            {
                if (!source.AtEnd)
                    throw Wrong("something follows its only record");
                yield break;
            }
            message = ImageSchema.Message(kind.Message!);
        }
        while (!source.AtEnd)
        {
            var record = Next(source, message);
            yield return record;
            if (kind.Layout == ImageLayout.Messages)
            {
                for (var left = record.Number("qnum"); left > 0; left--)
                {
                    var text = Next(source, ImageSchema.Message("ipc_msg"));
                    yield return text;
                    Skip(source, RoundUp(text.Number("msize"), 8));
                }
            }
            SkipContent(source, record);
        }
    }

    private void RequireMagic(ImageChunkReader source)
    {
        if (kind.FirstMagic is { } first && TakeNumber(source) != first)
            throw Wrong("it doesn't begin with the magic number of CRIU's images");
        if (TakeNumber(source) != kind.Magic)
            throw Wrong("its magic number is not that of the kind that its name says");
    }

    private ImageRecord Next(ImageChunkReader source, ImageMessage message)
    {
        var length = TakeNumber(source) ?? throw Wrong("it ends where a record should begin");
        if (length > MaxRecordLength)
            throw Wrong($"a record of {length} bytes");
        if (!source.TryTake((int)length, out var data))
            throw Wrong("it ends within a record");
        ImageMessageValidator.Require(data.Span, message, where, _count, skipsUnknownFields);
        if (++_count > kind.MaxRecords)
            throw Wrong($"more than {kind.MaxRecords} records");
        return new ImageRecord(data, message);
    }

    // Skips what belongs to a record and follows it in the file.
    private void SkipContent(ImageChunkReader source, ImageRecord record)
    {
        switch (kind.Layout)
        {
            case ImageLayout.Counted:
                Skip(source, record.Number(kind.Name == "sk-queues" ? "length" : "bytes"));
                break;
            case ImageLayout.TcpQueues:
                Skip(source, record.Number("inq_len") + record.Number("outq_len"));
                break;
            case ImageLayout.Semaphores:
                Skip(source, RoundUp(record.Number("nsems") * 2, 8));
                break;
            case ImageLayout.Segments when record.Number("in_pagemaps") == 0:
                Skip(source, RoundUp(record.Number("size"), 4));
                break;
            case ImageLayout.Ghost when record.Number("chunks") == 0:
                Skip(source, (ulong)(source.Length - source.Position));
                break;
            case ImageLayout.Ghost:
                while (!source.AtEnd)
                    SkipChunk(source, record.Number("size"), Next(source, ImageSchema.Message("ghost_chunk_entry")));
                break;
        }
    }

    private void SkipChunk(ImageChunkReader source, ulong size, ImageRecord chunk)
    {
        var (offset, length) = (chunk.Number("off"), chunk.Number("len"));
        if (offset > size || length > size - offset)
            throw Wrong("a piece of a deleted file lies beyond its end");
        Skip(source, length);
    }

    private void Skip(ImageChunkReader source, ulong count)
    {
        if (!source.TrySkip(count))
            throw Wrong("it ends within what belongs to a record");
    }

    private static ulong RoundUp(ulong size, ulong unit) => size > ulong.MaxValue - unit ? size : (size + unit - 1) / unit * unit;

    private static uint? TakeNumber(ImageChunkReader source) =>
        source.TryTake(4, out var bytes) ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span) : null;

    private ImageException Wrong(string why) => new(where, _count.ToString(CultureInfo.InvariantCulture), why);
}
