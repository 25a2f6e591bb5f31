using Stasis.Engine.Formats.Compression;

namespace Stasis.UnitTests.Formats.Tar;

/// <summary>Tars that other programs have written, made by make.sh beside them.</summary>
internal static class Golden
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Formats", "Tar", "Golden");

    public static byte[] Read(string path)
    {
        using var file = File.OpenRead(Path.Combine(Folder, path));
        using var plain = CompressionStreams.OpenRead(file);
        var content = new MemoryStream();
        plain.CopyTo(content);
        return content.ToArray();
    }
}
