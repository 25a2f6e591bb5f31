using System.Buffers.Binary;
using Stasis.Linux.Files;

namespace Stasis.Engine.Criu.Images;

/// <summary>
/// Image files that Stasis itself reads or writes for a dump or restore. They come from a local CRIU or have passed the image verifier, and
/// the CRIU may be newer than <see cref="ImageSchema"/>: unknown fields are skipped, not refused.
/// </summary>
internal static class ImageFile
{
    private const int HeaderSize = 3 * sizeof(uint);

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
    public static void Write(string path, ImageKind kind, ReadOnlySpan<byte> record)
    {
        var file = new byte[HeaderSize + record.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(file, ImageReader.CommonMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(sizeof(uint)), kind.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(2 * sizeof(uint)), (uint)record.Length);
        record.CopyTo(file.AsSpan(HeaderSize));
        AtomicFile.Write(path, file);
    }
}
