using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.Formats.Tar;

/// <summary>
/// Reads a tar from a stream, in one pass: v7, ustar, pax, and GNU's formats, including all formats of sparse
/// files. The memory for an entry is bounded. Whatever the bytes are, the reader throws no exception but
/// <see cref="TarException"/>; exceptions of the stream pass through.
/// </summary>
internal sealed class TarReader : IDisposable
{
    private readonly TarInput _input;
    private readonly TarReaderOptions _options;
    private readonly PaxRecords _global = new();
    private readonly byte[] _header = new byte[TarHeader.Block];
    private string? _name;
    private int _headerBytesLeft;
    private TarEntryContentStream _data;
    private bool _ended;

    /// <summary>Creates a reader that starts at the stream's position. The stream stays the caller's.</summary>
    public TarReader(Stream stream, TarReaderOptions? options = null)
    {
        _input = new TarInput(stream);
        _options = options ?? new TarReaderOptions();
        _data = TarEntryContentStream.None(this, _input);
    }

    /// <summary>Bytes of the tar read so far.</summary>
    public long Offset => _input.Offset;

    /// <summary>The current entry's content, with zeros for holes; valid until the next call of <see cref="Next"/>.</summary>
    public Stream Data => _data;

    /// <summary>Reads the next entry, skipping the rest of the current one's content; null at the end.</summary>
    /// <exception cref="TarException">The tar is truncated, corrupt, or of an unknown format.</exception>
    public TarEntry? Next()
    {
        if (_ended)
            return null;
        _data.SkipRest();
        _name = null;
        _headerBytesLeft = _options.MaximumHeader;
        try
        {
            return ReadEntry();
        }
        catch (FormatException e)
        {
            throw Corrupt(e.Message, e);
        }
    }

    /// <summary>Writes the current entry's content to the beginning of a file. Holes stay holes.</summary>
    public void CopyDataTo(SafeFileHandle file, CancellationToken cancellation = default) => _data.CopyTo(file, cancellation);

    /// <summary>Requires that nothing but zeros, which pad a writer's last record, comes after the tar's end.</summary>
    /// <exception cref="TarException">Other data follows.</exception>
    public void RequireEnd()
    {
        while (_input.Take(int.MaxValue) is { IsEmpty: false } piece)
        {
            if (piece.IndexOfAnyExcept((byte)0) is >= 0 and var at)
                throw new TarException(_input.Offset - piece.Length + at, null, "trailing data behind its end");
        }
    }

    /// <summary>Releases the reader. The stream stays open.</summary>
    public void Dispose() => _data.Dispose();

    internal TarException Corrupt(string why, Exception? inner = null) => new(_input.Offset, _name, why, inner);

    private TarEntry? ReadEntry()
    {
        var pax = (PaxRecords?)null;
        byte[]? longName = null, longLink = null;
        while (ReadHeader())
        {
            var type = (char)_header[TarHeader.Type];
            switch (type)
            {
                case 'x' or 'X': // X: Solaris' name for it
                    (pax ??= _global.Clone()).Parse(ReadLong(), global: false);
                    break;
                case 'g':
                    _global.Parse(ReadLong(), global: true);
                    break;
                case 'L':
                    longName = TarHeader.Text(ReadLong()).ToArray();
                    break;
                case 'K':
                    longLink = TarHeader.Text(ReadLong()).ToArray();
                    break;
                case 'V': // GNU's volume label
                    SkipContent();
                    break;
                default:
                    return Compose(type, pax ?? _global, longName, longLink);
            }
        }

        if (pax is not null || longName is not null || longLink is not null)
            throw Corrupt("extended header with no entry behind it");
        _ended = true;
        return null;
    }

    /// <summary>Reads a header block and checks it. Returns false at the tar's end.</summary>
    private bool ReadHeader()
    {
        var count = _input.ReadFully(_header);
        if (count == 0 && !_options.RequireEndMarker)
            return false;
        if (count < _header.Length)
            throw Corrupt(count == 0 ? "ends without an end-of-archive marker: truncated" : "ends within a header: truncated");
        if (!_header.AsSpan().ContainsAnyExcept((byte)0))
        {
            // Two zero blocks; the second one may be missing, as in GNU tar.
            if (_input.ReadFully(_header) == 0 || !_header.AsSpan().ContainsAnyExcept((byte)0))
                return false;
            throw Corrupt("a zero block between entries");
        }

        _name ??= Encoding.UTF8.GetString(TarHeader.Text(_header.AsSpan(TarHeader.Name)));
        var stored = TarHeader.Number(_header.AsSpan(TarHeader.Checksum));
        var (unsigned, signed) = TarHeader.Sum(_header);
        if (stored != unsigned && stored != signed)
            throw Corrupt("header checksum is wrong: not a tar, or corrupt");
        return true;
    }

    private long Number(Range field, string what) =>
        TarHeader.Number(_header.AsSpan(field)) ?? throw Corrupt($"{what} is not a number");

    private uint Number32(Range field, long? pax, string what) =>
        (pax ?? Number(field, what)) is >= 0 and < uint.MaxValue and var value ? (uint)value : throw Corrupt($"{what} is out of range");

    private long ContentSize() => Number(TarHeader.Size, "size") is >= 0 and < long.MaxValue - TarHeader.Block and var size
        ? size
        : throw Corrupt("size is out of range");

    /// <summary>Reads the content of an extended header.</summary>
    private byte[] ReadLong()
    {
        var size = ContentSize();
        if (size > _headerBytesLeft)
            throw Corrupt($"extended header of {size} bytes: more than {_options.MaximumHeader} for one entry are refused");
        _headerBytesLeft -= (int)size;
        var content = new byte[(int)TarHeader.Padded(size)];
        if (_input.ReadFully(content) < content.Length)
            throw Corrupt("ends within an extended header: truncated");
        return content[..(int)size];
    }

    private void SkipContent()
    {
        if (!_input.Skip(TarHeader.Padded(ContentSize())))
            throw Corrupt("ends within an entry: truncated");
    }

    private TarEntry Compose(char flag, PaxRecords pax, byte[]? longName, byte[]? longLink)
    {
        var name = pax.SparseName ?? pax.Path ?? longName ?? HeaderName();
        _name = Encoding.UTF8.GetString(name);
        if (name.Length == 0)
            throw Corrupt("an entry without a name");
        var type = TypeOf(flag, name);
        var stored = pax.Size ?? ContentSize();
        if (stored >= long.MaxValue - TarHeader.Block)
            throw Corrupt("size is out of range");
        // Links, folders and devices have no content whatever their size field says, as in GNU tar and Go's
        // archive/tar; GNU's dump folders do.
        if (type != TarEntryType.File && flag != 'D')
            stored = 0;

        var size = type == TarEntryType.File ? stored : 0;
        var extents = type == TarEntryType.File ? ReadSparseMap(flag, pax, ref size, ref stored) : null;
        _data = new TarEntryContentStream(this, _input, size, extents, stored);

        var modified = pax.Modified ?? (Number(TarHeader.Modified, "modification time"), 0);
        var device = type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice;
        var link = type is TarEntryType.Hardlink or TarEntryType.Symlink;
        return new TarEntry
        {
            Name = type == TarEntryType.Directory ? TrimSlashes(name) : name,
            Type = type,
            Mode = (uint)(Number(TarHeader.Mode, "mode") & 0xFFF),
            Uid = Number32(TarHeader.Uid, pax.Uid, "owner"),
            Gid = Number32(TarHeader.Gid, pax.Gid, "group"),
            Size = size,
            ModifiedSeconds = modified.Item1,
            ModifiedNanoseconds = modified.Item2,
            LinkName = link ? pax.LinkPath ?? longLink ?? TarHeader.Text(_header.AsSpan(TarHeader.LinkName)).ToArray() : default,
            DeviceMajor = device ? Number32(TarHeader.DeviceMajor, null, "device number") : 0,
            DeviceMinor = device ? Number32(TarHeader.DeviceMinor, null, "device number") : 0,
            Xattrs = pax.Xattrs,
            Extents = extents,
        };
    }

    private TarEntryType TypeOf(char flag, byte[] name) => flag switch
    {
        // Before POSIX, a folder was a file with a trailing slash.
        '\0' or '0' when name[^1] == '/' => TarEntryType.Directory,
        '\0' or '0' or '7' or 'S' => TarEntryType.File,
        '1' => TarEntryType.Hardlink,
        '2' => TarEntryType.Symlink,
        '3' => TarEntryType.CharacterDevice,
        '4' => TarEntryType.BlockDevice,
        '5' or 'D' => TarEntryType.Directory,
        '6' => TarEntryType.Fifo,
        _ => throw Corrupt($"unknown type '{(flag is > ' ' and < '\x7f' ? flag : '?')}' ({(int)flag})"),
    };

    private byte[] HeaderName()
    {
        var header = _header.AsSpan();
        var name = TarHeader.Text(header[TarHeader.Name]);
        if (!header[TarHeader.Magic].StartsWith(TarHeader.UstarMagic))
            return name.ToArray();
        var prefix =
            TarHeader.Text(header[header[TarHeader.StarTrailer].SequenceEqual("tar\0"u8) ? TarHeader.StarPrefix : TarHeader.Prefix]);
        return prefix.Length == 0 ? name.ToArray() : [.. prefix, (byte)'/', .. name];
    }

    private List<TarExtent>? ReadSparseMap(char flag, PaxRecords pax, ref long size, ref long stored)
    {
        List<TarExtent> map;
        if (flag == 'S')
        {
            size = Number(TarHeader.GnuRealSize, "size");
            map = SparseMap.ReadOldGnu(_header, _input, _headerBytesLeft);
        }
        else if (pax is { SparseMajor: 1, SparseMinor: 0 })
        {
            size = pax.SparseRealSize ?? throw Corrupt("sparse without a size");
            map = SparseMap.Read10(_input, ref stored, _headerBytesLeft);
        }
        else if (pax.SparseMap is { } numbers)
        {
            size = pax.SparseRealSize ?? throw Corrupt("sparse without a size");
            map = SparseMap.FromNumbers(numbers);
        }
        else
        {
            return pax.SparseMajor is null ? null : throw Corrupt($"sparse format {pax.SparseMajor}.{pax.SparseMinor} is not known");
        }

        if (size < 0)
            throw Corrupt("size is out of range");
        SparseMap.Check(map, size, stored);
        return map;
    }

    private static byte[] TrimSlashes(byte[] name)
    {
        var trimmed = name.AsSpan().TrimEnd((byte)'/');
        return trimmed.Length == name.Length ? name : trimmed.Length == 0 ? "/"u8.ToArray() : trimmed.ToArray();
    }
}
