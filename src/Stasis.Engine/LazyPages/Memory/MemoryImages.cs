using System.Globalization;
using Stasis.Engine.Archive;
using Stasis.Engine.Criu;

namespace Stasis.Engine.LazyPages.Memory;

/// <summary>
/// CRIU's images of one dump, as far as memory goes: pagemaps and pages, of it and of what it builds on (a folder or link "parent"). What has been read stays usable
/// when the images lose their names.
/// </summary>
internal sealed class MemoryImages : IDisposable
{
    // Longer chains are no checkpoints, but loops.
    private const int MostParents = 64;

    private readonly string _folder;
    private readonly Func<string, EntryBackfill?> _fill;
    private readonly Dictionary<uint, PagesFile> _files = [];
    private readonly Dictionary<int, Pagemap?> _pagemaps = [];

    /// <param name="folder">Where the images are.</param>
    /// <param name="fill">What brings the content of a file of pages, by its name, where that isn't there yet.</param>
    public MemoryImages(string folder, Func<string, EntryBackfill?>? fill = null) : this(folder, fill ?? (_ => null), MostParents) { }

    private MemoryImages(string folder, Func<string, EntryBackfill?> fill, int parents)
    {
        (_folder, _fill) = (folder, fill);
        var parent = Path.Combine(folder, "parent");
        if (!Directory.Exists(parent))
            return;
        Parent = parents > 0 ? new MemoryImages(parent, _ => null, parents - 1) : throw new InvalidDataException($"{folder}: more than {MostParents} checkpoints build on each other");
    }

    /// <summary>The tasks of the checkpoint that have memory of their own.</summary>
    public IReadOnlyList<int> Tasks =>
    [
        .. Directory.EnumerateFiles(_folder, "pagemap-*.img").Select(file => Path.GetFileNameWithoutExtension(file)["pagemap-".Length..])
            .Where(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(number => int.Parse(number, CultureInfo.InvariantCulture)).Order(),
    ];

    /// <summary>A task's mappings.</summary>
    public IReadOnlyList<MemoryMapping> Mappings(int task) => MemoryMapImage.Read(Name("mm", task));

    /// <summary>A task's pagemap with the file its pages are in; null if it has none.</summary>
    /// <exception cref="InvalidDataException">It can't be one: entries that overlap, pages beyond the end of the file.</exception>
    public Pagemap? Read(int task)
    {
        if (!_pagemaps.TryGetValue(task, out var pagemap))
            _pagemaps[task] = pagemap = ReadAnew(task);
        return pagemap;
    }

    /// <summary>The same task's pagemap in what this builds on.</summary>
    public Pagemap? ReadParent(int task) => Parent?.Read(task);

    /// <summary>What this builds on.</summary>
    public MemoryImages? Parent { get; }

    public void Dispose()
    {
        Parent?.Dispose();
        foreach (var file in _files.Values)
            file.Dispose();
    }

    private Pagemap? ReadAnew(int task)
    {
        var path = Name("pagemap", task);
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
            return null;
        var image = PagemapImage.Read(path);
        var pages = image.PagesId;
        if (!_files.TryGetValue(pages, out var file))
            _files[pages] = file = new PagesFile(Name("pages", pages), _fill(Path.GetFileName(Name("pages", pages))));
        return Pagemap.FromImage(path, image, file);
    }

    private string Name(string kind, long number) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}.img"));
}
