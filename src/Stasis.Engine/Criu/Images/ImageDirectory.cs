namespace Stasis.Engine.Criu.Images;

/// <summary>A folder of CRIU's images. Lists its names once, and reads small files once.</summary>
/// <param name="files">The files.</param>
/// <param name="entry">The folder's name in messages: its name in an archive.</param>
internal sealed class ImageDirectory(ImageFileSource files, string entry)
{
    private const long Small = 1 << 16;

    private readonly Dictionary<string, IReadOnlyList<ImageRecord>> _kept = [];
    private IReadOnlyList<string>? _names;

    /// <summary>The folder of the images that these build on; null if there is none.</summary>
    public ImageDirectory? Parent { get; init; }

    /// <summary>The name of a file in messages.</summary>
    public string Where(string file) => $"{entry}/{file}";

    /// <summary>Names of all files that weren't left out, in order.</summary>
    public IReadOnlyList<string> Files() => _names ??= [.. files.Names.Order(StringComparer.Ordinal)];

    /// <summary>Leaves files out of <see cref="Files"/>. They can still be read by name.</summary>
    public void LeaveOut(IReadOnlySet<string> names) => _names = [.. Files().Where(name => !names.Contains(name))];

    public bool Has(string file) => files.Length(file) is not null;

    /// <summary>The length of a file in bytes; null if there is no such file.</summary>
    public long? Length(string file) => files.Length(file);

    public Stream OpenStream(string file) => files.OpenStream(file);

    /// <summary>The content of a file; null if there is no such file, or it is longer than <paramref name="longest"/>.</summary>
    public byte[]? Content(string file, int longest)
    {
        if (files.Length(file) is not { } length || length > longest)
            return null;
        using var stream = files.OpenStream(file);
        var content = new byte[length];
        return stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) == content.Length ? content : null;
    }

    /// <summary>The records of a file; none if there is no such file.</summary>
    /// <exception cref="ImageException">Thrown while the records are enumerated: the file is not what its name says.</exception>
    public IEnumerable<ImageRecord> Read(string file)
    {
        if (_kept.TryGetValue(file, out var kept))
            return kept;
        if (files.Length(file) is not { } length || ImageKind.Find(file) is not { Kind.Refused: null } found)
            return [];
        var records = new ImageReader(() => files.Open(file), found.Kind, Where(file)).Read();
        return length <= Small ? _kept[file] = [.. records] : records;
    }

    /// <summary>The first record of a file; null if there is no such file.</summary>
    public ImageRecord? One(string file) => Read(file).Select(record => (ImageRecord?)record).FirstOrDefault();
}
