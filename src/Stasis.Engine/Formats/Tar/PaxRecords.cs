using System.Buffers.Text;
using System.Text;

namespace Stasis.Engine.Formats.Tar;

/// <summary>The records of a pax extended header (POSIX.1 pax, "pax Extended Header"), including those of GNU tar and star.</summary>
internal sealed class PaxRecords
{
    public const string XattrPrefix = "SCHILY.xattr.";

    public byte[]? Path { get; private set; }
    public byte[]? LinkPath { get; private set; }
    public long? Size { get; private set; }
    public long? Uid { get; private set; }
    public long? Gid { get; private set; }
    public (long Seconds, uint Nanoseconds)? Modified { get; private set; }
    public Dictionary<string, byte[]> Xattrs { get; } = [];

    public int? SparseMajor { get; private set; }
    public int? SparseMinor { get; private set; }
    public byte[]? SparseName { get; private set; }
    public long? SparseRealSize { get; private set; }
    /// <summary>The sparse map of formats 0.0 and 0.1: offset, length, offset, …; null if there is none.</summary>
    public List<long>? SparseMap { get; private set; }

    /// <summary>
    /// Adds a header's records. A later record replaces an earlier one, and an empty value removes it. From a
    /// global header, which applies to all entries that follow, only the standard's own records are taken.
    /// </summary>
    /// <exception cref="FormatException">The header is malformed.</exception>
    public void Parse(ReadOnlySpan<byte> header, bool global)
    {
        while (header.Length > 0)
        {
            var record = NextRecord(ref header, out var key);
            Take(Encoding.UTF8.GetString(key), record, global);
        }
    }

    /// <summary>Makes a copy that an entry's own header can be added to.</summary>
    public PaxRecords Clone() => new() { Path = Path, LinkPath = LinkPath, Size = Size, Uid = Uid, Gid = Gid, Modified = Modified };

    /// <summary>Reads "LENGTH KEY=VALUE\n", where LENGTH is that of the whole record.</summary>
    private static ReadOnlySpan<byte> NextRecord(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> key)
    {
        if (!Utf8Parser.TryParse(rest, out int length, out var digits) || rest[0] == '+' || length <= digits + 2 || length > rest.Length
            || rest[digits] != ' ' || rest[length - 1] != '\n')
            throw new FormatException("malformed pax record");
        var body = rest[(digits + 1)..(length - 1)];
        rest = rest[length..];
        var equals = body.IndexOf((byte)'=');
        if (equals < 1)
            throw new FormatException("pax record without a key");
        key = body[..equals];
        return body[(equals + 1)..];
    }

    private void Take(string key, ReadOnlySpan<byte> value, bool global)
    {
        switch (key)
        {
            case "path": Path = Name(key, value); break;
            case "linkpath": LinkPath = Name(key, value); break;
            case "size": Size = Number(key, value); break;
            case "uid": Uid = Number(key, value); break;
            case "gid": Gid = Number(key, value); break;
            case "mtime": Modified = value.Length == 0 ? null : Time(key, value); break;
            case var _ when global: break;
            case "GNU.sparse.major": SparseMajor = (int?)Number(key, value); break;
            case "GNU.sparse.minor": SparseMinor = (int?)Number(key, value); break;
            case "GNU.sparse.name": SparseName = Name(key, value); break;
            case "GNU.sparse.size" or "GNU.sparse.realsize": SparseRealSize = Number(key, value); break;
            case "GNU.sparse.offset": AddToMap(key, value, even: true); break;
            case "GNU.sparse.numbytes": AddToMap(key, value, even: false); break;
            case "GNU.sparse.map": SparseMap = Numbers(key, value); break;
            case var _ when key.StartsWith(XattrPrefix, StringComparison.Ordinal): TakeXattr(key, value); break;
            default: break; // not needed; LIBARCHIVE.xattr.* neither, since bsdtar writes SCHILY.xattr.*, too
        }
    }

    private void TakeXattr(string key, ReadOnlySpan<byte> value)
    {
        // GNU tar escapes '=' in names, which would end the key.
        var name = key[XattrPrefix.Length..].Replace("%3D", "=", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal);
        if (name.Length == 0 || name.Contains('\0'))
            throw new FormatException("extended attribute without a name");
        Xattrs[name] = value.ToArray();
    }

    private void AddToMap(string key, ReadOnlySpan<byte> value, bool even)
    {
        SparseMap ??= [];
        if (SparseMap.Count % 2 == 0 != even || Number(key, value) is not { } number)
            throw new FormatException($"pax record {key} out of order");
        SparseMap.Add(number);
    }

    private static byte[]? Name(string key, ReadOnlySpan<byte> value)
    {
        if (value.Contains((byte)0))
            throw new FormatException($"pax record {key} holds a zero byte");
        return value.Length == 0 ? null : value.ToArray();
    }

    private static long? Number(string key, ReadOnlySpan<byte> value)
    {
        if (value.Length == 0)
            return null;
        if (value[0] is < (byte)'0' or > (byte)'9' || !Utf8Parser.TryParse(value, out long number, out var used) || used != value.Length)
            throw new FormatException($"pax record {key} is not a number");
        return number;
    }

    private static List<long> Numbers(string key, ReadOnlySpan<byte> value)
    {
        var numbers = new List<long>();
        foreach (var part in value.Split((byte)','))
            numbers.Add(Number(key, value[part]) ?? throw new FormatException($"pax record {key} is not a list of numbers"));
        return numbers;
    }

    /// <summary>Parses decimal seconds with any number of decimals. Nanoseconds count upwards: -1.5 is -2 s and half a second.</summary>
    private static (long, uint) Time(string key, ReadOnlySpan<byte> value)
    {
        var point = value.IndexOf((byte)'.');
        var whole = point < 0 ? value : value[..point];
        var decimals = point < 0 ? default : value[(point + 1)..];
        if (whole.Length == 0 || whole[0] == '+' || !Utf8Parser.TryParse(whole, out long seconds, out var used) || used != whole.Length)
            throw new FormatException($"pax record {key} is not a time");
        uint nanoseconds = 0;
        for (var i = 0; i < Math.Max(9, decimals.Length); i++)
        {
            var digit = i < decimals.Length ? decimals[i] : (byte)'0';
            if (digit is < (byte)'0' or > (byte)'9')
                throw new FormatException($"pax record {key} is not a time");
            if (i < 9)
                nanoseconds = (nanoseconds * 10) + (uint)(digit - '0');
        }

        if (whole[0] == '-' && nanoseconds > 0)
            return seconds == long.MinValue
                ? throw new FormatException($"pax record {key} is not a time")
                : (seconds - 1, 1_000_000_000 - nanoseconds);
        return (seconds, nanoseconds);
    }
}
