using System.Text;
using Stasis.Engine.Formats.Tar;
using Stasis.UnitTests.Formats.Tar;

namespace Stasis.UnitTests.Archive.Hostile;

/// <summary>A tar put together of headers that say whatever they like.</summary>
internal sealed class RawTar
{
    private readonly List<byte> _tar = [];

    /// <summary>A checkpoint archive's beginning, with which nothing is wrong.</summary>
    public static RawTar Begun => new RawTar().Add("config.dump", "{}").Add("spec.dump", "{}");

    public static byte[] Blocks(ReadOnlySpan<byte> content)
    {
        var blocks = new byte[TarHeader.Padded(content.Length)];
        content.CopyTo(blocks);
        return blocks;
    }

    public RawTar Add(string name, string content) => Add(name, Tars.Bytes(content));

    public RawTar Add(string name, ReadOnlySpan<byte> content, char type = '0', string link = "", Action<byte[]>? change = null)
    {
        var header = new byte[TarHeader.Block];
        var bytes = Encoding.Latin1.GetBytes(name);
        bytes.AsSpan(0, Math.Min(bytes.Length, 100)).CopyTo(header);
        TarHeader.TryWriteOctal(header.AsSpan(TarHeader.Mode), 0x180);
        TarHeader.TryWriteOctal(header.AsSpan(TarHeader.Uid), 0);
        TarHeader.TryWriteOctal(header.AsSpan(TarHeader.Gid), 0);
        TarHeader.TryWriteOctal(header.AsSpan(TarHeader.Size), content.Length);
        TarHeader.TryWriteOctal(header.AsSpan(TarHeader.Modified), 0);
        header[TarHeader.Type] = (byte)type;
        Tars.Bytes(link).CopyTo(header.AsSpan(TarHeader.LinkName));
        "ustar\0"u8.CopyTo(header.AsSpan(TarHeader.Magic));
        "00"u8.CopyTo(header.AsSpan(TarHeader.Magic)[6..]);
        change?.Invoke(header);
        Tars.Seal(header);
        _tar.AddRange(header);
        _tar.AddRange(Blocks(content));
        return this;
    }

    /// <summary>An extended header of records as they are given.</summary>
    public RawTar Pax(params string[] records) => Add("pax", Tars.Bytes(string.Concat(records)), 'x');

    /// <summary>A record, with its length before it.</summary>
    public static string Record(string key, string value)
    {
        var rest = Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value) + 3;
        var length = rest + 1;
        while (length != rest + length.ToString(System.Globalization.CultureInfo.InvariantCulture).Length)
            length++;
        return $"{length} {key}={value}\n";
    }

    public RawTar Raw(ReadOnlySpan<byte> bytes)
    {
        _tar.AddRange(bytes);
        return this;
    }

    public byte[] Unended() => [.. _tar];

    public byte[] End() => [.. _tar, .. new byte[1024]];
}
