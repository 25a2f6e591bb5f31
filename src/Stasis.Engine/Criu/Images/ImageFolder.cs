namespace Stasis.Engine.Criu.Images;

/// <summary>A folder of CRIU's images. Small files are read once, and kept.</summary>
/// <param name="path">The folder.</param>
/// <param name="entry">What it is called in messages: its name in an archive.</param>
internal sealed class ImageFolder(string path, string entry)
{
    private const long Small = 1 << 16;

    private readonly Dictionary<string, IReadOnlyList<ImageRecord>> _kept = [];

    /// <summary>The folder of the images that these build on, or null.</summary>
    public ImageFolder? Parent { get; init; }

    /// <summary>The name of a file in messages.</summary>
    public string Where(string file) => $"{entry}/{file}";

    public string PathOf(string file) => Path.Combine(path, file);

    /// <summary>Names of all that is in it, in order.</summary>
    public IReadOnlyList<string> Files() =>
        Directory.Exists(path) ? [.. Directory.EnumerateFileSystemEntries(path).Select(name => Path.GetFileName(name)!).Order(StringComparer.Ordinal)] : [];

    public bool Has(string file) => File.Exists(PathOf(file));

    /// <summary>Its length in bytes, or null if it isn't there.</summary>
    public long? Length(string file) => new FileInfo(PathOf(file)) is { Exists: true } info ? info.Length : null;

    /// <summary>The records of a file; none if it isn't there.</summary>
    /// <exception cref="ImageException">While they are enumerated: the file isn't what it must be.</exception>
    public IEnumerable<ImageRecord> Read(string file)
    {
        if (_kept.TryGetValue(file, out var kept))
            return kept;
        if (Length(file) is not { } length || ImageKind.Find(file) is not { Kind.Refused: null } found)
            return [];
        var records = new ImageReader(PathOf(file), found.Kind, Where(file)).Read();
        return length <= Small ? _kept[file] = [.. records] : records;
    }

    /// <summary>The only record of a file, or null if it isn't there.</summary>
    public ImageRecord? One(string file) => Read(file).Select(record => (ImageRecord?)record).FirstOrDefault();
}
