using System.Buffers.Binary;
using Stasis.Linux.Files;

namespace Stasis.Engine.Criu.Images;

/// <summary>
/// Image files that Stasis itself reads or writes for a dump or restore. They come from a local CRIU or have passed the image verifier, and
/// the CRIU may be newer than <see cref="ImageSchema"/>: unknown fields are skipped, not refused.
/// </summary>
internal static class LocalImageFile
{
    private const int HeaderSize = 2 * sizeof(uint);

    /// <summary>Reads all records of an image file.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or not of that kind. The message names it.</exception>
    public static List<ImageRecord> Read(string path, ImageKind kind)
    {
        try
        {
            return [.. new ImageReader(() => new ImageChunkReader(path), kind, path, skipsUnknownFields: true).Read()];
        }
        catch (ImageException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    /// <summary>Reads the first record of an image file; null if there is no such file.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or not of that kind. The message names it.</exception>
    public static ImageRecord? TryReadFirst(string path, ImageKind kind) => File.Exists(path) ? Read(path, kind)[0] : null;

    /// <summary>
    /// Atomically replaces an image file of one record. It is not synced: the caller that keeps the folder syncs all of it.
    /// </summary>
    public static void Write(string path, ImageKind kind, ImageRecord record) => Write(path, kind, [record]);

    /// <summary>The same for a file of any number of records.</summary>
    public static void Write(string path, ImageKind kind, IReadOnlyCollection<ImageRecord> records)
    {
        var file = new byte[HeaderSize + records.Sum(record => sizeof(uint) + record.Data.Length)];
        BinaryPrimitives.WriteUInt32LittleEndian(file, ImageReader.CommonMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(sizeof(uint)), kind.Magic);
        var rest = file.AsSpan(HeaderSize);
        foreach (var record in records)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(rest, (uint)record.Data.Length);
            record.Data.Span.CopyTo(rest[sizeof(uint)..]);
            rest = rest[(sizeof(uint) + record.Data.Length)..];
        }
        AtomicFile.Write(path, file, durable: false);
    }
}
