using System.Buffers.Binary;
using Google.Protobuf;
using Stasis.Linux.Files;

namespace Stasis.Engine.Criu;

/// <summary>
/// CRIU's image files: two magic numbers, then records, each with its length (32 bits, little-endian) before it, in protobuf
/// (criu/image.c; magic numbers from criu/include/magic.h).
/// </summary>
internal static class ImageFile
{
    /// <summary>Magic of service files (IMG_SERVICE_MAGIC).</summary>
    private const uint ServiceMagic = 0x55105940;

    /// <summary>Magic of stats-dump and stats-restore (STATS_MAGIC).</summary>
    private const uint StatsMagic = 0x57093306;

    /// <summary>Magic of all other image files (IMG_COMMON_MAGIC).</summary>
    private const uint CommonMagic = 0x54564319;

    /// <summary>Magic of utsns-N.img (UTSNS_MAGIC).</summary>
    private const uint UtsMagic = 0x54473203;

    /// <summary>Magic of pagemap-N.img (PAGEMAP_MAGIC).</summary>
    private const uint PagemapMagic = 0x56084025;

    /// <summary>Magic of mm-N.img (MM_MAGIC).</summary>
    private const uint MmMagic = 0x57492820;

    /// <summary>A record is metadata: anything longer than this is not one.</summary>
    private const int MaxRecord = 1 << 20;

    /// <summary>Reads a statistics file; null if there is none.</summary>
    /// <exception cref="InvalidDataException">It is there, and isn't one.</exception>
    public static T? ReadStats<T>(string path, MessageParser<T> parser) where T : class, IMessage<T> => Read(path, ServiceMagic, StatsMagic, parser);

    /// <summary>Reads the names of a UTS namespace (utsns-N.img); null if there is no such file.</summary>
    /// <exception cref="InvalidDataException">It is there, and isn't one.</exception>
    public static Proto.UtsNamespace? ReadUts(string path) => Read(path, CommonMagic, UtsMagic, Proto.UtsNamespace.Parser);

    /// <summary>Replaces the names of a UTS namespace.</summary>
    public static void WriteUts(string path, Proto.UtsNamespace names)
    {
        var record = names.ToByteArray();
        var file = new byte[12 + record.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(file, CommonMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), UtsMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), (uint)record.Length);
        record.CopyTo(file, 12);
        AtomicFile.Write(path, file);
    }

    /// <summary>Reads where a task's pages lie (pagemap-N.img): the number of the file that they are in, and the entries.</summary>
    /// <exception cref="InvalidDataException">It isn't what its name says.</exception>
    public static (uint Pages, List<Proto.PagemapEntry> Entries) ReadPagemap(string path)
    {
        using var records = Records(path, PagemapMagic).GetEnumerator();
        if (!records.MoveNext())
            throw new InvalidDataException($"{path}: it is empty");
        var pages = Parse(path, records.Current, Proto.PagemapHead.Parser).PagesId;
        var entries = new List<Proto.PagemapEntry>();
        while (records.MoveNext())
            entries.Add(Parse(path, records.Current, Proto.PagemapEntry.Parser));
        return (pages, entries);
    }

    /// <summary>Reads a task's mappings (mm-N.img).</summary>
    /// <exception cref="InvalidDataException">It isn't what its name says.</exception>
    public static Proto.MmEntry ReadMm(string path) =>
        Parse(path, Records(path, MmMagic).Select(record => (ReadOnlyMemory<byte>?)record).FirstOrDefault() ?? throw new InvalidDataException($"{path}: it is empty"), Proto.MmEntry.Parser);

    private static IEnumerable<ReadOnlyMemory<byte>> Records(string path, uint kind)
    {
        var file = File.ReadAllBytes(path);
        if (file.Length < 8 || BinaryPrimitives.ReadUInt32LittleEndian(file) != CommonMagic || BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(4)) != kind)
            throw new InvalidDataException($"{path}: not the image file of CRIU that its name says");
        for (var at = 8; at < file.Length;)
        {
            var length = file.Length - at < 4 ? uint.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));
            at += 4;
            if (length > file.Length - at)
                throw new InvalidDataException($"{path}: ends within a record");
            yield return file.AsMemory(at, (int)length);
            at += (int)length;
        }
    }

    private static T Parse<T>(string path, ReadOnlyMemory<byte> record, MessageParser<T> parser) where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(record.Span);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    private static T? Read<T>(string path, uint magic, uint kind, MessageParser<T> parser) where T : class, IMessage<T>
    {
        if (!File.Exists(path))
            return null;
        using var file = File.OpenRead(path);
        Span<byte> head = stackalloc byte[12];
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(head) != magic
            || BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) != kind)
            throw new InvalidDataException($"{path}: not the image file of CRIU that its name says");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(head[8..]);
        if (length > MaxRecord)
            throw new InvalidDataException($"{path}: a record of {length} bytes");
        var record = new byte[length];
        if (file.ReadAtLeast(record, record.Length, throwOnEndOfStream: false) < record.Length)
            throw new InvalidDataException($"{path}: ends within a record");
        return Parse(path, record, parser);
    }
}
