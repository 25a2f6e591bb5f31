using System.Buffers.Binary;
using Google.Protobuf;
using Stasis.Engine.Criu.Proto;
using Stasis.Engine.LazyPages.Memory;

namespace Stasis.UnitTests.LazyPages.Memory;

/// <summary>Images of a dump's memory, made up.</summary>
internal sealed class PagemapImages : IDisposable
{
    public const uint Lazy_ = 2, Present = 4, Parent = 1;

    private readonly TempDirectory _folder = new();
    private readonly List<MemoryImages> _open = [];

    public string Folder => _folder.Path;

    public string ParentFolder => Path.Combine(Folder, "parent");

    /// <summary>The memory of a task with such lazy ranges.</summary>
    public TaskMemory Lazy(params (ulong Address, uint Count)[] ranges)
    {
        Write(Folder, 1, 1, [.. ranges.Select(range => Entry(range.Address, range.Count, Lazy_ | Present))]);
        return Read(1);
    }

    public TaskMemory Read(int task)
    {
        var images = new MemoryImages(Folder);
        _open.Add(images);
        return TaskMemory.Read(images, task);
    }

    public static PagemapEntry Entry(ulong address, uint count, uint flags) => new() { Vaddr = address, CompatNrPages = 0, NrPages = count, Flags = flags };

    public static void Write(string folder, int task, uint pages, PagemapEntry[] entries, int? filePages = null, params VmaEntry[] vmas)
    {
        Directory.CreateDirectory(folder);
        Image(Path.Combine(folder, $"pagemap-{task}.img"), 0x56084025, [new PagemapHead { PagesId = pages }, .. entries]);
        Image(Path.Combine(folder, $"mm-{task}.img"), 0x57492820, [new MmEntry { Vmas = { vmas } }]);
        using var file = File.Create(Path.Combine(folder, $"pages-{pages}.img"));
        file.SetLength(4096L * (filePages ?? entries.Where(entry => (entry.Flags & Present) != 0).Sum(entry => (int)entry.NrPages)));
    }

    public void Dispose()
    {
        _open.ForEach(images => images.Dispose());
        _folder.Dispose();
    }

    private static void Image(string path, uint magic, IMessage[] records)
    {
        using var file = File.Create(path);
        Number(0x54564319);
        Number(magic);
        foreach (var record in records)
        {
            Number((uint)record.CalculateSize());
            record.WriteTo(file);
        }

        void Number(uint number)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
            file.Write(bytes);
        }
    }
}
