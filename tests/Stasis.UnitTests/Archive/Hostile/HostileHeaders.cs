namespace Stasis.UnitTests.Archive.Hostile;

/// <summary>Headers that say nothing, or several things.</summary>
internal static class HostileHeaders
{
    private static readonly byte[] Whole = RawTar.Begun.Add("ctr.log", new byte[3000]).End();

    public static IEnumerable<Hostile> All =>
    [
        new(
            "headers",
            "checksum of the first",
            Changed(0),
            "not a checkpoint archive: it is neither a tar, nor one compressed with zstd or gzip"),
        new("headers", "checksum of another", Changed(2048), "tar, offset 2560: header checksum is wrong"),
        new("headers", "cut within one", Whole[..2300], "tar, offset 2300: ends within a header: truncated"),
        new("headers", "cut within content", Whole[..4000], "entry ctr.log: tar, offset 4000: ends within the entry's content: truncated"),
        new("headers", "cut before the end", Whole[..^1024], "ends without an end-of-archive marker: truncated"),
        new(
            "headers",
            "an end in the midst",
            [.. RawTar.Begun.Unended(), .. new byte[512], .. new RawTar().Add("ctr.log", "x").End()],
            "a zero block between entries"),
        new("headers", "mode", Changed("ctr.log", 100), "mode is not a number"),
        new("headers", "size", Changed("ctr.log", 124), "size is not a number"),
        new("headers", "owner", Changed("ctr.log", 108), "owner is not a number"),
        new("headers", "group", Changed("ctr.log", 116), "group is not a number"),
        new("headers", "time", Changed("ctr.log", 136), "modification time is not a number"),
        new(
            "headers",
            "owner beyond 32 bits",
            RawTar.Begun.Pax(RawTar.Record("uid", "4294967296")).Add("ctr.log", "x").End(),
            "owner is out of range"),
        Pax("no length", "path=x\n"),
        Pax("length of nothing", "0 path=x\n"),
        Pax("length beyond the header", "99 path=x\n"),
        Pax("length with a sign", "+9 path=x\n"),
        Pax("no line end", "9 path=xy"),
        new("headers", "pax: no key", RawTar.Begun.Pax("9 pathxxx\n"[..8] + "\n").Add("ctr.log", "x").End(), "pax record without a key"),
        new(
            "headers",
            "pax: time",
            RawTar.Begun.Pax(RawTar.Record("mtime", "now")).Add("ctr.log", "x").End(),
            "pax record mtime is not a time"),
        new(
            "headers",
            "pax: sparse of a format that isn't known",
            RawTar.Begun.Pax(RawTar.Record("GNU.sparse.major", "2")).Add("ctr.log", "x").End(),
            "sparse format 2. is not known"),
        new(
            "headers",
            "pax: with no entry behind",
            RawTar.Begun.Pax(RawTar.Record("path", "ctr.log")).End(),
            "extended header with no entry behind it"),
        new(
            "headers",
            "long name with no entry behind",
            RawTar.Begun.Add("././@LongLink", "ctr.log\0"u8, 'L').End(),
            "extended header with no entry behind it"),
        new(
            "headers",
            "cut within an extended one",
            RawTar.Begun.Pax(RawTar.Record("path", "ctr.log")).Unended()[..^300],
            "ends within an extended header: truncated"),
    ];

    private static Hostile Pax(string name, string record) =>
        new("headers", $"pax: {name}", RawTar.Begun.Pax(record).Add("ctr.log", "x").End(), "malformed pax record");

    private static byte[] Changed(int at)
    {
        var tar = (byte[])Whole.Clone();
        tar[at + 1] ^= 0x40;
        return tar;
    }

    private static byte[] Changed(string name, int field) =>
        RawTar.Begun.Add(name, "x"u8, change: header => header[field] = (byte)'!').End();
}
