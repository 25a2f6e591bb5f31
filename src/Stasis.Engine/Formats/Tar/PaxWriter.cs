using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Stasis.Engine.Formats.Tar;

/// <summary>Composes a pax extended header.</summary>
internal sealed class PaxWriter
{
    private readonly ArrayBufferWriter<byte> _content = new();
    private bool _binary;

    public bool IsEmpty => _content.WrittenCount == 0;

    public ReadOnlySpan<byte> Content => _content.WrittenSpan;

    public void Add(string key, long value) => AddRecord(key, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Adds a name. The format requires UTF-8; a record before another name says that it is binary.</summary>
    public void Add(string key, ReadOnlySpan<byte> value)
    {
        if (!_binary && !Utf8.IsValid(value))
        {
            AddRecord("hdrcharset", "BINARY"u8);
            _binary = true;
        }

        AddRecord(key, value);
    }

    public void AddTime(string key, long seconds, uint nanoseconds)
    {
        var (sign, whole, fraction) = seconds < 0 && nanoseconds > 0
            ? ("-", -(seconds + 1), 1_000_000_000 - nanoseconds)
            : ("", seconds, nanoseconds);
        var text = fraction == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{sign}{whole}")
            : string.Create(CultureInfo.InvariantCulture, $"{sign}{whole}.{fraction:D9}").TrimEnd('0');
        AddRecord(key, Encoding.ASCII.GetBytes(text));
    }

    /// <summary>Adds an extended attribute as star does. A name that would break the record is escaped as by GNU tar.</summary>
    public void AddXattr(string name, ReadOnlySpan<byte> value)
    {
        if (name.Contains('=', StringComparison.Ordinal) || name.Contains("%25", StringComparison.Ordinal)
            || name.Contains("%3D", StringComparison.Ordinal))
            name = name.Replace("%", "%25", StringComparison.Ordinal).Replace("=", "%3D", StringComparison.Ordinal);
        AddRecord(PaxRecords.XattrPrefix + name, value);
    }

    /// <summary>
    /// Adds a comment, which readers ignore, so that the header has <paramref name="length"/> bytes, a
    /// multiple of the block size.
    /// </summary>
    public void AddComment(int length)
    {
        var overhead = string.Create(CultureInfo.InvariantCulture, $"{length} comment=\n").Length;
        AddRecord("comment", new string(' ', length - overhead).Select(c => (byte)c).ToArray());
    }

    private void AddRecord(string key, ReadOnlySpan<byte> value)
    {
        // The length counts its own digits.
        var rest = Encoding.UTF8.GetByteCount(key) + value.Length + " =\n".Length;
        var length = rest + 1;
        while (length != rest + Digits(length))
            length = rest + Digits(length);
        _content.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} {key}=")));
        _content.Write(value);
        _content.Write("\n"u8);
    }

    private static int Digits(int value) => value.ToString(CultureInfo.InvariantCulture).Length;
}
