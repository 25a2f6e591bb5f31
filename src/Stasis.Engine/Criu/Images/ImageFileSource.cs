namespace Stasis.Engine.Criu.Images;

/// <summary>Image files: in a folder, or in memory.</summary>
internal abstract class ImageFileSource
{
    /// <summary>Names of all files.</summary>
    public abstract IEnumerable<string> Names { get; }

    /// <summary>The length of a file in bytes; null if there is no such file.</summary>
    public abstract long? Length(string name);

    /// <summary>Opens a file to read its records.</summary>
    public abstract ImageChunkReader Open(string name);

    /// <summary>Opens a file to read its bytes.</summary>
    public abstract Stream OpenStream(string name);
}

/// <summary>Image files in a folder.</summary>
internal sealed class DirectoryImageFileSource(string folder) : ImageFileSource
{
    public override IEnumerable<string> Names =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)!) : [];

    public override long? Length(string name) => new FileInfo(Path.Combine(folder, name)) is { Exists: true } info ? info.Length : null;

    public override ImageChunkReader Open(string name) => new(Path.Combine(folder, name));

    public override Stream OpenStream(string name) =>
        new FileStream(Path.Combine(folder, name), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
}
