using System.Buffers.Binary;
using Google.Protobuf;

namespace Stasis.Engine.Criu;

/// <summary>
/// Reads CRIU's image files that hold one record: two magic numbers, the record's length (32 bits, little-endian), the record in protobuf
/// (criu/image.c; magic numbers from criu/include/magic.h).
/// </summary>
internal static class ImageFile
{
    /// <summary>Magic of service files (IMG_SERVICE_MAGIC).</summary>
    private const uint ServiceMagic = 0x55105940;

    /// <summary>Magic of stats-dump and stats-restore (STATS_MAGIC).</summary>
    private const uint StatsMagic = 0x57093306;

    /// <summary>A record is metadata: anything longer than this is not one.</summary>
    private const int MaxRecord = 1 << 20;

    /// <summary>Reads a statistics file; null if there is none.</summary>
    /// <exception cref="InvalidDataException">It is there, and isn't one.</exception>
    public static T? ReadStats<T>(string path, MessageParser<T> parser) where T : class, IMessage<T>
    {
        if (!File.Exists(path))
            return null;
        using var file = File.OpenRead(path);
        Span<byte> head = stackalloc byte[12];
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(head) != ServiceMagic
            || BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) != StatsMagic)
            throw new InvalidDataException($"{path}: not a CRIU statistics file");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(head[8..]);
        if (length > MaxRecord)
            throw new InvalidDataException($"{path}: a record of {length} bytes");
        var record = new byte[length];
        if (file.ReadAtLeast(record, record.Length, throwOnEndOfStream: false) < record.Length)
            throw new InvalidDataException($"{path}: ends within a record");
        try
        {
            return parser.ParseFrom(record);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }
}
