using System.Buffers.Binary;
using Stasis.Engine.Criu;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.LazyPages.Memory;

namespace Stasis.UnitTests.LazyPages.Memory;

/// <summary>Makes memory images of a dump.</summary>
internal sealed class PagemapImages : IDisposable
{
    public const PagemapFlags Lazy_ = PagemapFlags.Lazy, Present = PagemapFlags.Present, Parent = PagemapFlags.Parent;

    private static readonly ImageMessage Head = ImageSchema.Message("pagemap_head");
    private static readonly ImageMessage EntryMessage = ImageSchema.Message("pagemap_entry");
    private static readonly ImageMessage Mm = ImageSchema.Message("mm_entry");
    private static readonly ImageMessage Vma = ImageSchema.Message("vma_entry");

    private readonly TempDirectory _folder = new();
    private readonly List<MemoryImages> _open = [];

    public string Folder => _folder.Path;

    public string ParentFolder => Path.Combine(Folder, "parent");

    /// <summary>Makes the images of a task with lazy ranges, and reads them.</summary>
    public LazyTaskMemory Lazy(params (ulong Address, uint Count)[] ranges)
    {
        Write(Folder, 1, 1, [.. ranges.Select(range => Entry(range.Address, range.Count, Lazy_ | Present))]);
        return Read(1);
    }

    public LazyTaskMemory Read(int task)
    {
        var images = new MemoryImages(Folder);
        _open.Add(images);
        return LazyTaskMemory.Read(images, task);
    }

    public static PagemapEntry Entry(ulong address, uint count, PagemapFlags flags) => new(address, count, flags);

    public static void Write(
        string folder,
        int task,
        uint pages,
        PagemapEntry[] entries,
        int? filePages = null,
        params MemoryMapping[] mappings)
    {
        Directory.CreateDirectory(folder);
        WritePagemap(Path.Combine(folder, $"pagemap-{task}.img"), pages, [.. entries.Select(entry => Encode(entry))]);
        var mm = new WireWriter();
        foreach (var field in Mm.Fields.Where(field => field.Count == ImageFieldCount.Required))
            mm.Number(field, 0);
        foreach (var mapping in mappings)
            mm.Content(Mm["vmas"], Encode(mapping).Span);
        WriteImage(Path.Combine(folder, $"mm-{task}.img"), 0x57492820, [mm.Bytes]);
        WritePages(folder, pages, filePages ?? entries.Where(entry => entry.Flags.HasFlag(Present)).Sum(entry => (int)entry.PageCount));
    }

    /// <summary>Writes a pagemap as CRIU before 3.0 did: without flags, the count in 32 bits.</summary>
    public static void WriteOld(string folder, int task, uint pages, ulong address, uint count)
    {
        var entry = new WireWriter().Number(EntryMessage["vaddr"], address).Number(EntryMessage["compat_nr_pages"], count);
        WritePagemap(Path.Combine(folder, $"pagemap-{task}.img"), pages, [entry.Bytes]);
        WritePages(folder, pages, (int)count);
    }

    public void Dispose()
    {
        _open.ForEach(images => images.Dispose());
        _folder.Dispose();
    }

    private static ReadOnlyMemory<byte> Encode(PagemapEntry entry) => new WireWriter()
        .Number(EntryMessage["vaddr"], entry.Address)
        .Number(EntryMessage["compat_nr_pages"], 0)
        .Number(EntryMessage["flags"], (ulong)entry.Flags)
        .Number(EntryMessage["nr_pages"], entry.PageCount)
        .Bytes;

    private static ReadOnlyMemory<byte> Encode(MemoryMapping mapping)
    {
        var vma = new WireWriter();
        foreach (var field in Vma.Fields.Where(field => field.Count == ImageFieldCount.Required))
            vma.Number(field, field.Name switch { "start" => mapping.Start, "end" => mapping.End, _ => 0 });
        return vma.Number(Vma["madv"], mapping.Advice).Bytes;
    }

    private static void WritePages(string folder, uint pages, int count)
    {
        using var file = File.Create(Path.Combine(folder, $"pages-{pages}.img"));
        file.SetLength(4096L * count);
    }

    private static void WritePagemap(string path, uint pages, ReadOnlyMemory<byte>[] entries) =>
        WriteImage(path, 0x56084025, [new WireWriter().Number(Head["pages_id"], pages).Bytes, .. entries]);

    private static void WriteImage(string path, uint magic, ReadOnlyMemory<byte>[] records)
    {
        using var file = File.Create(path);
        Number(0x54564319);
        Number(magic);
        foreach (var record in records)
        {
            Number((uint)record.Length);
            file.Write(record.Span);
        }

        void Number(uint number)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
            file.Write(bytes);
        }
    }
}
