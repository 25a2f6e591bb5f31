using System.IO.Compression;
using Stasis.Engine.Archive;
using Stasis.UnitTests.Formats.Tar;

namespace Stasis.UnitTests.Archive.Hostile;

/// <summary>Little that becomes much.</summary>
internal static class HostileSizes
{
    private static readonly ArchiveLimits Small = new() { MaxSize = 1 << 20, MaxEntries = 50, MaxRatio = 100, RatioFrom = 256 << 10 };

    public static IEnumerable<Hostile> All =>
    [
        new("bombs", "zstd", Zstds.Frame(Zeros(900_000)), "it has more than 100 times its compressed size") { Limits = Small },
        new(
            "bombs",
            "zstd in frames",
            [.. Zstds.Frame(Zeros(900_000).AsSpan(0, 600_000)), .. Zstds.Frame(Zeros(900_000).AsSpan(600_000))],
            "it has more than 100 times its compressed size") { Limits = Small },
        new("bombs", "gzip", Gzip(Zeros(900_000)), "it has more than 100 times its compressed size") { Limits = Small },
        new(
            "bombs",
            "zeros behind the end",
            Zstds.Frame((byte[])[.. RawTar.Begun.End(), .. new byte[900_000]]),
            "it has more than 100 times its compressed size") { Limits = Small },
        new("bombs", "more than is allowed in all", Many(3, 500_000), "it has more than 1048576 bytes decompressed") { Limits = Small },
        new(
            "bombs",
            "one entry of more than is allowed",
            RawTar.Begun.Add("ctr.log", new byte[(1 << 20) + 1]).End(),
            "it has 1048577 bytes: more than 1048576 are refused") { Limits = Small },
        new("bombs", "more entries than are allowed", Many(50, 1), "it has more than 50 entries") { Limits = Small },
        new("bombs", "entries without content", Many(60, 0), "it has more than 50 entries") { Limits = Small },
        new(
            "bombs",
            "a size of 8 EiB",
            Sized(header => { header[124] = 0x80; header.AsSpan(125, 11).Clear(); header[128] = 0x7F; }),
            "it has 9151314442816847872 bytes: more than 1099511627776 are refused"),
        new("bombs", "a size below zero", Sized(header => header.AsSpan(124, 12).Fill(0xFF)), "size is out of range"),
        new(
            "bombs",
            "a size beyond 63 bits",
            Sized(header => { header.AsSpan(124, 12).Fill(0x7F); header[124] = 0x80; }),
            "size is not a number"),
        new(
            "bombs",
            "a pax header's size",
            RawTar.Begun.Pax(RawTar.Record("size", "9000000000000000000")).Add("ctr.log", "x").End(),
            "it has 9000000000000000000 bytes"),
        new(
            "bombs",
            "a pax header's size beyond 63 bits",
            RawTar.Begun.Pax(RawTar.Record("size", "9223372036854775808")).Add("ctr.log", "x").End(),
            "pax record size is not a number"),
        new(
            "bombs",
            "a pax header of 2 MiB",
            RawTar.Begun.Add("pax", new byte[2 << 20], 'x').Add("ctr.log", "x").End(),
            "extended header of 2097152 bytes: more than 1048576 for one entry are refused"),
        new(
            "bombs",
            "pax headers of 2 MiB together",
            RawTar.Begun.Pax(Comments).Pax(Comments).Pax(Comments).Add("ctr.log", "x").End(),
            "extended header of 500013 bytes: more than 1048576 for one entry are refused"),
        new(
            "bombs",
            "a long name of 2 MiB",
            RawTar.Begun.Add("././@LongLink", new byte[2 << 20], 'L').Add("ctr.log", "x").End(),
            "extended header of 2097152 bytes"),
        new(
            "bombs",
            "a long link of 2 MiB",
            RawTar.Begun.Add("././@LongLink", new byte[2 << 20], 'K').Add("ctr.log", "x").End(),
            "extended header of 2097152 bytes"),
        new("bombs", "a header of 8 EiB", RawTar.Begun
            .Add("pax", [], 'x', change: header => { header[124] = 0x80; header.AsSpan(125, 11).Clear(); header[128] = 0x7F; })
            .End(), "extended header of 9151314442816847872 bytes"),
        new("bombs", "sparse, 1.0", SparseFile("1\n0\n0\n", 1L << 30), "it is sparse"),
        new(
            "bombs",
            "sparse, a map of 10^18 parts",
            SparseFile("1000000000000000000\n" + string.Concat(Enumerable.Repeat("0\n", 200)), 10),
            "sparse map"),
        new("bombs", "sparse, beyond the end", SparseFile("1\n100\n10\n", 10), "sparse map out of order or beyond the file's end"),
        new(
            "bombs",
            "sparse, 0.1",
            RawTar.Begun.Pax(RawTar.Record("GNU.sparse.map", "0,1"), RawTar.Record("GNU.sparse.size", "1000000")).Add("ctr.log", "x").End(),
            "it is sparse"),
        new("bombs", "sparse, GNU's old one", RawTar.Begun
            .Add("ctr.log", [], 'S', change: header => { header[483] = 0x80; header.AsSpan(484, 11).Clear(); header[491] = 0x7F; })
            .End(), "it is sparse"),
        new(
            "bombs",
            "JSON of 17 MiB",
            new RawTar().Add("config.dump", Tars.Bytes("\"" + new string('a', 17 << 20) + "\"")).End(),
            "entry config.dump: it is longer than 16777216 bytes"),
        new(
            "bombs",
            "zstd with a window of 2 GiB",
            [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA8, 0x01, 0x00, 0x00],
            "zstd data, offset 6: Frame requires too much memory for decoding"),
        new("bombs", "zstd that says less than it has", Zstds.WithSize(Zstds.Frame(RawTar.Begun.End()), 1500), "zstd data, offset 0: "),
        new("bombs", "zstd that says more than it has", Zstds.WithSize(Zstds.Frame(RawTar.Begun.End()), 60000), "zstd data, offset 0: "),
        new(
            "bombs",
            "zstd blocks without content",
            [0x28, 0xB5, 0x2F, 0xFD, 0x20, 0x10, .. Enumerable.Repeat<byte>(0, 30_000_000)],
            "zstd data, offset "),
        new("bombs", "a dictionary", [0x28, 0xB5, 0x2F, 0xFD, 0x21, 0x07, 0x01, 0x01, 0x00, 0x00, 0x00], "zstd data, offset "),
    ];

    private static string Comments => RawTar.Record("comment", new string('c', 500_000 - 3));

    private static byte[] Zeros(int length) => RawTar.Begun.Add("ctr.log", new byte[length]).End();

    private static byte[] Many(int count, int size)
    {
        var tar = RawTar.Begun;
        for (var i = 0; i < count; i++)
            tar.Add($"checkpoint/core-{i}.img", new byte[size]);
        return tar.End();
    }

    private static byte[] Sized(Action<byte[]> change) => RawTar.Begun.Add("ctr.log", [], change: change).End();

    private static byte[] SparseFile(string map, long size) => RawTar.Begun
        .Pax(
            RawTar.Record("GNU.sparse.major", "1"),
            RawTar.Record("GNU.sparse.minor", "0"),
            RawTar.Record("GNU.sparse.name", "ctr.log"),
            RawTar.Record("GNU.sparse.realsize", $"{size}"))
        .Add("x", RawTar.Blocks(Tars.Bytes(map))).End();

    private static byte[] Gzip(byte[] plain)
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(plain);
        return target.ToArray();
    }
}
