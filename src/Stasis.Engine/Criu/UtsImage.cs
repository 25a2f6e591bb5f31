using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Criu;

/// <summary>The names of a UTS namespace: utsns-N.img.</summary>
internal sealed class UtsImage
{
    private static readonly ImageKind Kind = ImageKind.Get("utsns-");

    private readonly ImageRecord _record;

    private UtsImage(ImageRecord record) => _record = record;

    /// <summary>The hostname.</summary>
    public string Nodename => _record.Text("nodename");

    /// <summary>The NIS domain name.</summary>
    public string Domainname => _record.Text("domainname");

    /// <summary>Reads the image; null if there is no such file.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or not of that kind.</exception>
    public static UtsImage? Read(string path) => LocalImageFile.TryReadFirst(path, Kind) is { } record ? new UtsImage(record) : null;

    /// <summary>The same names with another hostname. Fields that Stasis doesn't know stay.</summary>
    public UtsImage WithNodename(string nodename) => new(_record.With("nodename", nodename));

    /// <summary>Atomically replaces the file.</summary>
    public void Write(string path) => LocalImageFile.Write(path, Kind, _record);
}
