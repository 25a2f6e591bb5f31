using System.Buffers.Binary;
using Stasis.Engine.Archive;
using Stasis.Engine.Criu.Images;
using Stasis.Tests.Mutations;

namespace Stasis.IntegrationTests.Checkpoints.Forging;

/// <summary>A copy of a real checkpoint's images, for a test to falsify.</summary>
internal sealed class ForgedImages : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("stasis-forged-").FullName;

    public ForgedImages(string images)
    {
        Directory.CreateDirectory(Checkpoint.Images);
        foreach (var file in Directory.EnumerateFiles(images))
            File.Copy(file, PathOf(Path.GetFileName(file)));
    }

    public CheckpointEntryPaths Checkpoint => new(_folder);

    public string PathOf(string file) => Path.Combine(Checkpoint.Images, file);

    /// <summary>Names of the files of a kind, in order: "core-", "mountpoints-".</summary>
    public string[] Of(string kind) =>
        [
            .. Directory.EnumerateFiles(Checkpoint.Images)
                .Select(path => Path.GetFileName(path)!)
                .Where(file => ImageKind.Find(file)?.Kind.Name == kind)
                .Order(StringComparer.Ordinal)
        ];

    public string The(string kind) => Of(kind).First();

    /// <summary>All records of a file without contents between them.</summary>
    public List<ImageNode> Records(string file) =>
        [
            .. new ImageReader(() => new ImageChunkReader(PathOf(file)), ImageKind.Find(file)!.Value.Kind, file)
                .Read()
                .Select(record => ImageNode.Parse(record.Data.Span, record.Message))
        ];

    /// <summary>Changes the record (or the first) of a file; what follows it stays as it is.</summary>
    public void Edit(string file, Action<ImageNode> change, int index = 0)
    {
        var bytes = File.ReadAllBytes(PathOf(file));
        var kind = ImageKind.Find(file)!.Value.Kind;
        var at = kind.Name == "inventory" ? 4 : 8;
        var message = ImageSchema.Message(kind.Layout == ImageLayout.Pagemap && index == 0 ? "pagemap_head" : kind.Message!);
        for (var i = 0; i < index; i++)
        {
            var size = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
            var content = kind.Layout == ImageLayout.Counted
                ? (int)ImageNode.Parse(bytes.AsSpan(at + 4, size), message).Number(kind.Name == "sk-queues" ? "length" : "bytes")
                : 0;
            at += 4 + size + content;
        }
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
        var node = ImageNode.Parse(bytes.AsSpan(at + 4, length), message);
        change(node);
        File.WriteAllBytes(PathOf(file), [.. bytes[..at], .. Framed(node), .. bytes[(at + 4 + length)..]]);
    }

    /// <summary>Changes the first record that is as wanted.</summary>
    public void EditFirst(string file, Func<ImageNode, bool> wanted, Action<ImageNode> change) =>
        Edit(file, change, Records(file).FindIndex(record => wanted(record)));

    /// <summary>Puts one more record at the end.</summary>
    public void Append(string file, ImageNode record) => File.AppendAllBytes(PathOf(file), Framed(record));

    /// <summary>Makes a file of one kind, of these records.</summary>
    public void Make(string file, params ImageNode[] records)
    {
        var head = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(head, ImageReader.CommonMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), ImageKind.Find(file)!.Value.Kind.Magic);
        File.WriteAllBytes(PathOf(file), [.. head, .. records.SelectMany(Framed)]);
    }

    public void Bytes(string file, Func<byte[], byte[]> change) =>
        File.WriteAllBytes(PathOf(file), change(File.ReadAllBytes(PathOf(file))));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static byte[] Framed(ImageNode node)
    {
        var record = node.ToBytes();
        var framed = new byte[4 + record.Length];
        BinaryPrimitives.WriteInt32LittleEndian(framed, record.Length);
        record.CopyTo(framed, 4);
        return framed;
    }
}
