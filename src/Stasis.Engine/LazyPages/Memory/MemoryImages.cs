using System.Globalization;
using Stasis.Engine.Archive;
using Stasis.Engine.Criu;

namespace Stasis.Engine.LazyPages.Memory;

/// <summary>
/// The memory images of one dump: pagemaps and pages, its own and those of the dump that it builds on (a folder or link "parent"). What has
/// been read stays usable when the images are deleted.
/// </summary>
internal sealed class MemoryImages : IDisposable
{
    // A longer chain is a loop of links.
    private const int MaxParents = 64;

    private readonly string _folder;
    private readonly Func<string, EntryPieceCopier?> _backfill;
    private readonly Dictionary<uint, PagesFile> _files = [];
    private readonly Dictionary<int, Pagemap?> _pagemaps = [];

    /// <summary>The images in a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="backfill">The backfill of a pages-N.img by its name; gives null for files that are complete.</param>
    public MemoryImages(string folder, Func<string, EntryPieceCopier?>? backfill = null)
        : this(folder, backfill ?? (_ => null), MaxParents) { }

    private MemoryImages(string folder, Func<string, EntryPieceCopier?> backfill, int parents)
    {
        (_folder, _backfill) = (folder, backfill);
        var parent = Path.Combine(folder, "parent");
        if (!Directory.Exists(parent))
            return;
        Parent = parents > 0
            ? new MemoryImages(parent, _ => null, parents - 1)
            : throw new InvalidDataException($"{folder}: more than {MaxParents} checkpoints build on each other");
    }

    /// <summary>PIDs of the tasks that have a pagemap, in order.</summary>
    public IReadOnlyList<int> Tasks =>
    [
        .. Directory.EnumerateFiles(_folder, "pagemap-*.img").Select(file => Path.GetFileNameWithoutExtension(file)["pagemap-".Length..])
            .Where(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(number => int.Parse(number, CultureInfo.InvariantCulture)).Order(),
    ];

    /// <summary>Reads a task's mappings.</summary>
    public IReadOnlyList<MemoryMapping> Mappings(int task) => MemoryMapImage.Read(Name("mm", task));

    /// <summary>Reads a task's pagemap and opens the file of its pages; null if the task has none.</summary>
    /// <exception cref="InvalidDataException">The image is damaged: entries overlap, or pages are beyond the end of their file.</exception>
    public Pagemap? Read(int task)
    {
        if (!_pagemaps.TryGetValue(task, out var pagemap))
            _pagemaps[task] = pagemap = ReadImage(task);
        return pagemap;
    }

    /// <summary>Reads the same task's pagemap in the parent's images; null if there is none.</summary>
    public Pagemap? ReadParent(int task) => Parent?.Read(task);

    /// <summary>The images that these build on; null if there are none.</summary>
    public MemoryImages? Parent { get; }

    public void Dispose()
    {
        Parent?.Dispose();
        foreach (var file in _files.Values)
            file.Dispose();
    }

    private Pagemap? ReadImage(int task)
    {
        var path = Name("pagemap", task);
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
            return null;
        var image = PagemapImage.Read(path);
        var pages = image.PagesId;
        if (!_files.TryGetValue(pages, out var file))
            _files[pages] = file = new PagesFile(Name("pages", pages), _backfill(Path.GetFileName(Name("pages", pages))));
        return Pagemap.FromImage(path, image, file);
    }

    private string Name(string kind, long number) =>
        Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}.img"));
}
