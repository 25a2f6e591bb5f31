namespace Stasis.Engine.Criu.Images;

/// <summary>Where image files are: in a folder, or in memory.</summary>
internal abstract class ImageFileSource
{
    /// <summary>Names of all of them.</summary>
    public abstract IEnumerable<string> Names { get; }

    /// <summary>The length of one in bytes, or null if it isn't there.</summary>
    public abstract long? Length(string name);

    /// <summary>Opens one to be read as an image.</summary>
    public abstract ImageChunkReader Open(string name);

    /// <summary>Opens one to be read as it is.</summary>
    public abstract Stream OpenStream(string name);
}

/// <summary>Image files in a folder.</summary>
internal sealed class DirectoryImageFileSource(string folder) : ImageFileSource
{
    public override IEnumerable<string> Names => Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)!) : [];

    public override long? Length(string name) => new FileInfo(Path.Combine(folder, name)) is { Exists: true } info ? info.Length : null;

    public override ImageChunkReader Open(string name) => new(Path.Combine(folder, name));

    public override Stream OpenStream(string name) => new FileStream(Path.Combine(folder, name), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
}
