using System.Buffers.Binary;
using Stasis.Engine.Criu.Images;

namespace Stasis.Tests.Mutations;

/// <summary>An image file taken apart into its records and the contents between them, so that one record can be changed.</summary>
internal sealed class ImageParts
{
    private readonly List<object> _parts = []; // ImageNode or ReadOnlyMemory<byte>
    private readonly byte[] _content;
    private int _at;

    private ImageParts(byte[] content) => _content = content;

    /// <summary>The records in the order of the file.</summary>
    public IEnumerable<ImageNode> Records => _parts.OfType<ImageNode>();

    /// <summary>Whether the file may have any number of records of one message.</summary>
    public static bool IsList(ImageKind kind) => kind.Layout is ImageLayout.Many or ImageLayout.Pagemap;

    /// <summary>Takes a file apart that the real CRIU has written.</summary>
    public static ImageParts Parse(ImageKind kind, byte[] content)
    {
        var parts = new ImageParts(content);
        parts.Keep(kind.FirstMagic is null ? sizeof(uint) : 2 * sizeof(uint));
        var first = parts.Take(kind.Layout == ImageLayout.Pagemap ? "pagemap_head" : kind.Message!);
        while (first is not null)
        {
            parts.KeepContent(kind, first);
            first = parts.Take(kind.Layout == ImageLayout.Ghost ? "ghost_chunk_entry" : kind.Message!);
        }
        return parts;
    }

    /// <summary>Removes a record, or puts a copy behind it.</summary>
    public void Repeat(int record, int count)
    {
        var node = Records.ElementAt(record);
        var at = _parts.IndexOf(node);
        _parts.RemoveAt(at);
        _parts.InsertRange(at, Enumerable.Repeat<object>(node, count));
    }

    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(uint)];
        foreach (var part in _parts)
        {
            if (part is not ImageNode node)
            {
                bytes.Write(((ReadOnlyMemory<byte>)part).Span);
                continue;
            }
            var record = node.ToBytes();
            BinaryPrimitives.WriteInt32LittleEndian(length, record.Length);
            bytes.Write(length);
            bytes.Write(record);
        }
        return bytes.ToArray();
    }

    private ImageNode? Take(string message)
    {
        if (_at == _content.Length)
            return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(_content.AsSpan(_at));
        var node = ImageNode.Parse(_content.AsSpan(_at + sizeof(uint), length), ImageSchema.Message(message));
        _at += sizeof(uint) + length;
        _parts.Add(node);
        return node;
    }

    private void KeepContent(ImageKind kind, ImageNode record)
    {
        switch (kind.Layout)
        {
            case ImageLayout.Counted:
                Keep(Number(record, kind.Name == "sk-queues" ? "length" : "bytes"));
                break;
            case ImageLayout.TcpQueues:
                Keep(Number(record, "inq_len") + Number(record, "outq_len"));
                break;
            case ImageLayout.Semaphores:
                Keep(RoundUp(Number(record, "nsems") * 2, 8));
                break;
            case ImageLayout.Segments when Number(record, "in_pagemaps") == 0:
                Keep(RoundUp(Number(record, "size"), 4));
                break;
            case ImageLayout.Messages:
                for (var left = Number(record, "qnum"); left > 0; left--)
                    Keep(RoundUp(Number(Take("ipc_msg")!, "msize"), 8));
                break;
            case ImageLayout.Ghost when record.Message.Name == "ghost_chunk_entry":
                Keep(Number(record, "len"));
                break;
            case ImageLayout.Ghost when Number(record, "chunks") == 0:
                Keep(_content.Length - _at);
                break;
        }
    }

    private void Keep(int count)
    {
        _parts.Add((ReadOnlyMemory<byte>)_content.AsMemory(_at, count));
        _at += count;
    }

    private static int Number(ImageNode record, string field) => record.Has(field) ? (int)record.Number(field) : 0;

    private static int RoundUp(int size, int unit) => (size + unit - 1) / unit * unit;
}
