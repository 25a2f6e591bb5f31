using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Streams;

namespace Stasis.Engine.Formats.Tar;

/// <summary>
/// Writes a tar: ustar headers, and for values that don't fit (long names, large numbers, fractions of a
/// second, extended attributes) a pax header, as Go's archive/tar and GNU tar read it.
/// </summary>
internal sealed class TarWriter
{
    private const int MaxNameLength = 100;
    private const int MaxPrefixLength = 155;
    private const int MaxCopyLength = 16 << 20;

    private readonly Stream _stream;
    private readonly byte[] _header = new byte[TarHeader.Block];
    private byte[]? _buffer;

    /// <summary>Creates a writer that starts at the stream's position. The stream stays the caller's.</summary>
    public TarWriter(Stream stream) => _stream = stream;

    /// <summary>Receives the length of each piece of content that is copied from a file.</summary>
    internal Action<int>? Copied { get; init; }

    /// <summary>Bytes written so far.</summary>
    public long Offset { get; private set; }

    private byte[] Buffer => _buffer ??= new byte[1 << 20];

    /// <summary>Writes an entry with its size in bytes of <paramref name="data"/>.</summary>
    /// <exception cref="TarException">The data ends early. The tar is then incomplete.</exception>
    public void WriteEntry(TarEntry entry, Stream? data = null, CancellationToken cancellation = default)
    {
        if (entry.Extents is not null)
            throw new ArgumentException("sparse entries are written from files", nameof(entry));
        WriteHeaders(entry, entry.Size);
        for (var left = entry.Size; left > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = data?.Read(Buffer, 0, (int)Math.Min(left, Buffer.Length)) ?? 0;
            if (count == 0)
                throw EndsEarly(entry, left);
            Write(Buffer.AsSpan(0, count));
            left -= count;
        }

        Pad();
    }

    /// <summary>Writes a small file.</summary>
    public void WriteEntry(TarEntry entry, ReadOnlySpan<byte> content)
    {
        WriteHeaders(entry with { Size = content.Length }, content.Length);
        Write(content);
        Pad();
    }

    /// <summary>
    /// Writes an entry with the content of a file. With <see cref="TarEntry.Extents"/>, only these parts are
    /// stored (sparse format 1.0).
    /// </summary>
    /// <exception cref="TarException">The file ends before the entry's size. The tar is then incomplete.</exception>
    public void WriteEntry(TarEntry entry, SafeFileHandle file, CancellationToken cancellation = default)
    {
        var map = entry.Extents is { } extents ? SparseMap.Write10(extents, entry.Size) : [];
        WriteHeaders(entry, map.Length + (entry.Extents?.Sum(e => e.Length) ?? entry.Size));
        Write(map);
        foreach (var extent in entry.Extents ?? [new TarExtent(0, entry.Size)])
        {
            for (var at = extent.Offset; at < extent.End;)
            {
                cancellation.ThrowIfCancellationRequested();
                var count = Copy(file, at, (int)Math.Min(extent.End - at, MaxCopyLength));
                if (count == 0)
                    throw EndsEarly(entry, extent.End - at);
                at += count;
                Copied?.Invoke(count);
            }
        }

        Pad();
    }

    /// <summary>
    /// Writes a comment so that the content of the next entry begins at a multiple of
    /// <paramref name="alignment"/>: file systems share whole blocks. The entry must not need a pax header of
    /// its own.
    /// </summary>
    internal void AlignContent(int alignment)
    {
        var missing = (int)((alignment - ((Offset + TarHeader.Block) % alignment)) % alignment);
        if (missing == 0)
            return;
        // The comment has at least a header and a block of content.
        if (missing == TarHeader.Block)
            missing += alignment;
        var pax = new PaxWriter();
        pax.AddComment(missing - TarHeader.Block);
        WritePax(pax, "comment"u8);
    }

    /// <summary>Writes the end-of-archive marker. The stream is flushed, and stays open.</summary>
    public void Finish()
    {
        Write(new byte[2 * TarHeader.Block]);
        _stream.Flush();
    }

    private int Copy(SafeFileHandle file, long offset, int most)
    {
        if (_stream is not IFileCopyTarget target)
        {
            var read = RandomAccess.Read(file, Buffer.AsSpan(0, Math.Min(most, Buffer.Length)), offset);
            Write(Buffer.AsSpan(0, read));
            return read;
        }

        var count = target.Copy(file, offset, most);
        Offset += count;
        return count;
    }

    private TarException EndsEarly(TarEntry entry, long missing) =>
        new(Offset, entry.NameText, $"the file ended {missing} bytes before the size it had: it was changed while it was read");

    private void WriteHeaders(TarEntry entry, long stored)
    {
        if (entry.Name.Length == 0 || entry.Name.Span.Contains((byte)0) || entry.LinkName.Span.Contains((byte)0))
            throw new TarException(Offset, entry.NameText, "can't be a name in a tar");
        if (entry.Size < 0 || (entry.Type != TarEntryType.File && entry.Size != 0))
            throw new TarException(Offset, entry.NameText, $"can't have {entry.Size} bytes");
        var name = entry.Name.Span;
        if (entry.Type == TarEntryType.Directory && name[^1] != '/')
            name = (byte[])[.. name, (byte)'/'];
        var pax = new PaxWriter();
        var header = _header.AsSpan();
        header.Clear();

        if (entry.Extents is not null)
        {
            pax.Add("GNU.sparse.major", 1);
            pax.Add("GNU.sparse.minor", 0);
            pax.Add("GNU.sparse.name", name);
            pax.Add("GNU.sparse.realsize", entry.Size);
            name = SparseName(name);
        }

        if (!TrySplit(name, header))
        {
            pax.Add("path", name);
            name[..Math.Min(name.Length, MaxNameLength)].CopyTo(header[TarHeader.Name]);
        }

        if (entry.LinkName.Length > MaxNameLength)
            pax.Add("linkpath", entry.LinkName.Span);
        entry.LinkName.Span[..Math.Min(entry.LinkName.Length, MaxNameLength)].CopyTo(header[TarHeader.LinkName]);
        TarHeader.TryWriteOctal(header[TarHeader.Mode], entry.Mode & 0xFFF);
        Number(TarHeader.Uid, entry.Uid, "uid", pax);
        Number(TarHeader.Gid, entry.Gid, "gid", pax);
        Number(TarHeader.Size, stored, "size", pax);
        var whole = TarHeader.TryWriteOctal(header[TarHeader.Modified], entry.ModifiedSeconds);
        if (!whole)
            TarHeader.TryWriteOctal(header[TarHeader.Modified], 0);
        if (!whole || entry.ModifiedNanoseconds != 0)
            pax.AddTime("mtime", entry.ModifiedSeconds, entry.ModifiedNanoseconds);
        foreach (var (attribute, value) in entry.Xattrs.OrderBy(x => x.Key, StringComparer.Ordinal))
            pax.AddXattr(attribute, value);
        if (entry.Type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice)
        {
            if (!TarHeader.TryWriteOctal(header[TarHeader.DeviceMajor], entry.DeviceMajor)
                || !TarHeader.TryWriteOctal(header[TarHeader.DeviceMinor], entry.DeviceMinor))
                throw new TarException(
                    Offset, entry.NameText, $"device number {entry.DeviceMajor}:{entry.DeviceMinor} is too large for a tar");
        }

        header[TarHeader.Type] = TypeFlag(entry.Type);
        if (!pax.IsEmpty)
            WritePax(pax, name);
        WriteHeader(header);
    }

    private static byte TypeFlag(TarEntryType type) => type switch
    {
        TarEntryType.File => (byte)'0',
        TarEntryType.Hardlink => (byte)'1',
        TarEntryType.Symlink => (byte)'2',
        TarEntryType.CharacterDevice => (byte)'3',
        TarEntryType.BlockDevice => (byte)'4',
        TarEntryType.Directory => (byte)'5',
        TarEntryType.Fifo => (byte)'6',
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Writes a number into its field, or into the pax header if it is too large.</summary>
    private void Number(Range field, long value, string key, PaxWriter pax)
    {
        if (TarHeader.TryWriteOctal(_header.AsSpan(field), value))
            return;
        pax.Add(key, value);
        TarHeader.TryWriteOctal(_header.AsSpan(field), 0);
    }

    private void WritePax(PaxWriter pax, ReadOnlySpan<byte> name)
    {
        var content = pax.Content;
        Span<byte> header = stackalloc byte[TarHeader.Block];
        header.Clear();
        var last = name.TrimEnd((byte)'/');
        last = last[(last.LastIndexOf((byte)'/') + 1)..];
        "PaxHeaders.0/"u8.CopyTo(header);
        last[..Math.Min(last.Length, MaxNameLength - 13)].CopyTo(header[13..]);
        TarHeader.TryWriteOctal(header[TarHeader.Mode], 0);
        TarHeader.TryWriteOctal(header[TarHeader.Uid], 0);
        TarHeader.TryWriteOctal(header[TarHeader.Gid], 0);
        TarHeader.TryWriteOctal(header[TarHeader.Size], content.Length);
        TarHeader.TryWriteOctal(header[TarHeader.Modified], 0);
        header[TarHeader.Type] = (byte)'x';
        WriteHeader(header);
        Write(content);
        Pad();
    }

    private void WriteHeader(Span<byte> header)
    {
        TarHeader.UstarMagic.CopyTo(header[TarHeader.Magic]);
        "00"u8.CopyTo(header[TarHeader.Magic][6..]);
        TarHeader.TryWriteOctal(header[TarHeader.Checksum][..7], TarHeader.Sum(header).Unsigned);
        header[TarHeader.Checksum][7] = (byte)' ';
        Write(header);
    }

    /// <summary>
    /// Writes a name into the name field, with its folders in the prefix field if necessary. Returns false if
    /// it doesn't fit.
    /// </summary>
    private static bool TrySplit(ReadOnlySpan<byte> name, Span<byte> header)
    {
        var slash = -1;
        if (name.Length > MaxNameLength)
        {
            // The slash between both fields isn't stored. The last possible one leaves the name the most room.
            slash = name[..Math.Min(name.Length - 1, MaxPrefixLength + 1)].LastIndexOf((byte)'/');
            if (slash < 1 || name.Length - slash - 1 > MaxNameLength)
                return false;
            name[..slash].CopyTo(header[TarHeader.Prefix]);
        }

        name[(slash + 1)..].CopyTo(header[TarHeader.Name]);
        return true;
    }

    /// <summary>The name of a sparse file for readers that don't know sparse files, as in GNU tar.</summary>
    private static byte[] SparseName(ReadOnlySpan<byte> name)
    {
        var slash = name.LastIndexOf((byte)'/');
        return [.. name[..(slash + 1)], .. "GNUSparseFile.0/"u8, .. name[(slash + 1)..]];
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        Offset += bytes.Length;
    }

    private void Pad() => Write(stackalloc byte[(int)(TarHeader.Padded(Offset) - Offset)]);
}
