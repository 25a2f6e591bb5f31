using System.Buffers.Binary;
using Stasis.Linux.Compression;

namespace Stasis.UnitTests.Archive;

/// <summary>Zstandard frames, made in memory.</summary>
internal static class Zstds
{
    /// <summary>One frame that says how long its content is.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> plain, int level = 1)
    {
        using var compressor = new ZstdCompressor(level);
        var frame = new byte[ZstdCompressor.Bound(plain.Length)];
        return frame[..compressor.Compress(plain, frame)];
    }

    /// <summary>One that doesn't, of uncompressed blocks.</summary>
    public static byte[] OfUnknownSize(ReadOnlySpan<byte> plain)
    {
        // Neither a single segment, nor a content size, nor a checksum; a window of 1 MiB.
        List<byte> frame = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x50];
        Span<byte> header = stackalloc byte[4];
        do
        {
            var block = plain[..Math.Min(plain.Length, 1 << 17)];
            plain = plain[block.Length..];
            BinaryPrimitives.WriteInt32LittleEndian(header, (block.Length << 3) | (plain.Length == 0 ? 1 : 0));
            frame.AddRange(header[..3]);
            frame.AddRange(block);
        }
        while (plain.Length > 0);
        return [.. frame];
    }

    /// <summary>A frame of less than 64 KiB that says its content has another length.</summary>
    public static byte[] WithSize(byte[] frame, int size)
    {
        // A single segment, with two bytes of length, counted from 256 on.
        var changed = (byte[])frame.Clone();
        if ((frame[4] & 0xE0) != 0x60)
            throw new ArgumentException("is of another kind", nameof(frame));
        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(5), (ushort)(size - 256));
        return changed;
    }

    /// <summary>A frame that is passed over.</summary>
    public static byte[] Skippable(ReadOnlySpan<byte> content)
    {
        var frame = new byte[8 + content.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, 0x184D2A5E);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), content.Length);
        content.CopyTo(frame.AsSpan(8));
        return frame;
    }
}
