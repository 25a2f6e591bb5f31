using System.Buffers;
using System.Buffers.Binary;
using Stasis.Linux.Files;

namespace Stasis.Engine.Criu.Images;

/// <summary>
/// Image files that Stasis itself reads or writes for a dump or restore. They come from a local CRIU or have passed the image verifier, and
/// the CRIU may be newer than <see cref="ImageSchema"/>: unknown fields are skipped, not refused.
/// </summary>
internal static class ImageFile
{

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

    /// <summary>Atomically replaces an image file of one record.</summary>
    public static void Write(string path, ImageKind kind, ReadOnlyMemory<byte> record) => Write(path, kind, [record]);

    /// <summary>Atomically replaces an image file of records that no other content follows.</summary>
    public static void Write(string path, ImageKind kind, IReadOnlyCollection<ReadOnlyMemory<byte>> records)
    {
        var file = new ArrayBufferWriter<byte>();
        WriteNumber(ImageReader.CommonMagic);
        WriteNumber(kind.Magic);
        foreach (var record in records)
        {
            WriteNumber((uint)record.Length);
            file.Write(record.Span);
        }
        AtomicFile.Write(path, file.WrittenSpan);

        void WriteNumber(uint number)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.GetSpan(sizeof(uint)), number);
            file.Advance(sizeof(uint));
        }
    }
}
