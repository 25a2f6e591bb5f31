using System.Buffers.Binary;
using Stasis.Engine.Criu.Images;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>A CRIU image that consists of records, which can be changed.</summary>
internal sealed class EditableImage
{
    private const int HeaderSize = 2 * sizeof(uint);

    private readonly byte[] _header;

    private EditableImage(byte[] header, IEnumerable<EditableRecord> records) => (_header, Records) = (header, [.. records]);

    public List<EditableRecord> Records { get; }

    /// <summary>An image without records.</summary>
    /// <param name="kind">Name of its kind, see <see cref="ImageKind"/>.</param>
    public static EditableImage Create(string kind)
    {
        var header = new byte[HeaderSize];
        BinaryPrimitives.WriteUInt32LittleEndian(header, ImageReader.CommonMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(sizeof(uint)), ImageKind.Get(kind).Magic);
        return new EditableImage(header, []);
    }

    /// <summary>Parses an image file.</summary>
    /// <param name="file">The file's name, which tells its kind.</param>
    /// <param name="content">The file's content.</param>
    public static EditableImage Parse(string file, byte[] content)
    {
        if (ImageKind.Find(file) is not { Kind: { Message: { } message, Layout: ImageLayout.One or ImageLayout.Many } kind })
            throw new ArgumentException($"{file} does not consist of records", nameof(file));
        var at = kind.FirstMagic is null ? sizeof(uint) : HeaderSize;
        var header = content[..at];
        var records = new List<EditableRecord>();
        while (at < content.Length)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(at));
            at += sizeof(uint);
            records.Add(new EditableRecord(message, content.AsMemory(at, length)));
            at += length;
        }
        return new EditableImage(header, records);
    }

    /// <summary>The file's content.</summary>
    public byte[] Encode()
    {
        using var stream = new MemoryStream();
        stream.Write(_header);
        Span<byte> length = stackalloc byte[sizeof(uint)];
        foreach (var record in Records.Select(record => record.Encoded))
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, record.Length);
            stream.Write(length);
            stream.Write(record);
        }
        return stream.ToArray();
    }
}
