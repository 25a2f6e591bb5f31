using System.Text;
using Stasis.Engine.Formats.Tar;

namespace Stasis.UnitTests.Formats.Tar;

/// <summary>Tars made in memory, and read.</summary>
internal static class Tars
{
    public static byte[] Make(params IEnumerable<(TarEntry Entry, byte[] Content)> entries)
    {
        var stream = new MemoryStream();
        var writer = new TarWriter(stream);
        foreach (var (entry, content) in entries)
        {
            if (entry.Type == TarEntryType.File)
                writer.WriteEntry(entry, content);
            else
                writer.WriteEntry(entry);
        }

        writer.Finish();
        return stream.ToArray();
    }

    public static byte[] Make(params IEnumerable<TarEntry> entries) => Make(entries.Select(e => (e, Array.Empty<byte>())));

    public static TarEntry File(string name, uint mode = 0x1A4) => TarEntry.OfFile(name, 0, mode);

    public static TarEntry Link(TarEntryType type, string name, string target) =>
        new() { Name = Bytes(name), Type = type, LinkName = Bytes(target) };

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static List<(TarEntry Entry, byte[] Content)> Read(byte[] tar, TarReaderOptions? options = null)
    {
        using var reader = new TarReader(new MemoryStream(tar), options);
        var all = new List<(TarEntry, byte[])>();
        while (reader.Next() is { } entry)
        {
            var content = new MemoryStream();
            reader.Data.CopyTo(content);
            all.Add((entry, content.ToArray()));
        }

        return all;
    }

    /// <summary>Sets the checksum of a header that was tampered with right again.</summary>
    public static void Seal(Span<byte> header)
    {
        TarHeader.TryWriteOctal(header[TarHeader.Checksum][..7], TarHeader.Sum(header).Unsigned);
        header[TarHeader.Checksum][7] = (byte)' ';
    }
}
