namespace Stasis.Engine.Criu.Images;

/// <summary>A folder of CRIU's images. Its names are listed once, and small files read once.</summary>
/// <param name="files">The files.</param>
/// <param name="entry">What the folder is called in messages: its name in an archive.</param>
internal sealed class ImageDirectory(ImageFileSource files, string entry)
{
    private const long Small = 1 << 16;

    private readonly Dictionary<string, IReadOnlyList<ImageRecord>> _kept = [];
    private IReadOnlyList<string>? _names;

    /// <summary>The folder of the images that these build on, or null.</summary>
    public ImageDirectory? Parent { get; init; }

    /// <summary>The name of a file in messages.</summary>
    public string Where(string file) => $"{entry}/{file}";

    /// <summary>Names of all that is in it, in order.</summary>
    public IReadOnlyList<string> Files() => _names ??= [.. files.Names.Order(StringComparer.Ordinal)];

    public bool Has(string file) => files.Length(file) is not null;

    /// <summary>Its length in bytes, or null if it isn't there.</summary>
    public long? Length(string file) => files.Length(file);

    public Stream OpenStream(string file) => files.OpenStream(file);

    /// <summary>The whole of a small file; null if it is longer than that.</summary>
    public byte[]? Content(string file, int longest)
    {
        if (files.Length(file) is not { } length || length > longest)
            return null;
        using var stream = files.OpenStream(file);
        var content = new byte[length];
        return stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) == content.Length ? content : null;
    }

    /// <summary>The records of a file; none if it isn't there.</summary>
    /// <exception cref="ImageException">While they are enumerated: the file isn't what it must be.</exception>
    public IEnumerable<ImageRecord> Read(string file)
    {
        if (_kept.TryGetValue(file, out var kept))
            return kept;
        if (files.Length(file) is not { } length || ImageKind.Find(file) is not { Kind.Refused: null } found)
            return [];
        var records = new ImageReader(() => files.Open(file), found.Kind, Where(file)).Read();
        return length <= Small ? _kept[file] = [.. records] : records;
    }

    /// <summary>The only record of a file, or null if it isn't there.</summary>
    public ImageRecord? One(string file) => Read(file).Select(record => (ImageRecord?)record).FirstOrDefault();
}
