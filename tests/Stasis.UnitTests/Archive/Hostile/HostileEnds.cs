using System.IO.Compression;

namespace Stasis.UnitTests.Archive.Hostile;

/// <summary>What doesn't end where it says, or isn't what it begins as.</summary>
internal static class HostileEnds
{
    private static readonly byte[] Whole = RawTar.Begun.Add("ctr.log", "log").End();
    private static readonly byte[] Zstd = Zstds.Frame(Whole);
    private static readonly byte[] Packed = Gzip(Whole);

    public static IEnumerable<Hostile> All =>
    [
        new("ends", "something behind it", [.. Whole, .. "evil"u8], $"tar, offset {Whole.Length}: trailing data behind its end"),
        new(
            "ends",
            "something behind its zeros",
            [.. Whole, .. new byte[5000], 1],
            $"tar, offset {Whole.Length + 5000}: trailing data behind its end"),
        new("ends", "a second archive", [.. Whole, .. Whole], $"tar, offset {Whole.Length}: trailing data behind its end"),
        new(
            "ends",
            "zstd: something behind it",
            [.. Zstd, .. "evil"u8],
            $"zstd data, offset {Zstd.Length + 4}: what comes after the last frame is none: trailing data"),
        new("ends", "zstd: some bytes behind it", [.. Zstd, 1, 2], "zstd data, offset " + (Zstd.Length + 2)),
        new("ends", "zstd: gzip behind it", [.. Zstd, .. Packed], "what comes after the last frame is none: trailing data"),
        new("ends", "zstd: a second archive", [.. Zstd, .. Zstd], "trailing data behind its end"),
        new("ends", "zstd: cut", Zstd[..^5], "ends within a frame: truncated"),
        new("ends", "zstd: cut within the header", Zstd[..5], "ends within a frame: truncated"),
        new("ends", "zstd: a skippable frame cut", [.. Zstd, .. Zstds.Skippable(new byte[100])[..50]], "ends within a frame: truncated"),
        new("ends", "zstd: nothing but skippable frames", Zstds.Skippable(new byte[100]), "not a checkpoint archive: it is neither a tar"),
        new("ends", "zstd: checksum", Changed(Zstd, 2), "Restored data doesn't match checksum"),
        new("ends", "zstd: content", Changed(Zstd, Zstd.Length / 2), "zstd data, offset 0: "),
        new("ends", "zstd of unknown size: cut", Zstds.OfUnknownSize(Whole)[..^5], "ends within a frame: truncated"),
        new(
            "ends",
            "zstd of unknown size: something behind it",
            [.. Zstds.OfUnknownSize(Whole), .. "evil"u8],
            "what comes after the last frame is none: trailing data"),
        new("ends", "gzip: something behind it", [.. Packed, .. "evil"u8], "what comes after the last member is none: trailing data"),
        new("ends", "gzip: zstd behind it", [.. Packed, .. Zstd], "what comes after the last member is none: trailing data"),
        new("ends", "gzip: a second archive", [.. Packed, .. Packed], "trailing data behind its end"),
        new("ends", "gzip: cut", Packed[..^1], "gzip data, offset"),
        new("ends", "gzip: cut within the content", Packed[..(Packed.Length / 2)], "gzip data, offset"),
        new("ends", "gzip: checksum", Changed(Packed, 6), "gzip data, offset"),
        new("ends", "gzip: length", Changed(Packed, 2), "gzip data, offset"),
        new("ends", "bzip2", [.. "BZh91AY&SY"u8, .. new byte[600]], "bzip2 data, offset 0: is not understood"),
        new("ends", "xz", [0xFD, .. "7zXZ"u8, 0, .. new byte[600]], "xz data, offset 0: is not understood"),
        new("ends", "lz4", [0x04, 0x22, 0x4D, 0x18, .. new byte[600]], "lz4 data, offset 0: is not understood"),
        new("ends", "zstd in gzip", Gzip(Zstd), "it is neither a tar, nor one compressed with zstd or gzip"),
        new("ends", "nothing", [], "not a checkpoint archive: it is empty"),
        new("ends", "nothing but an end", new byte[1024], "not a checkpoint archive: it is empty"),
        new("ends", "nothing but a folder", new RawTar().Add("./", "").End(), "not a checkpoint archive: it is empty"),
        new("ends", "a zip", [.. "PK\u0003\u0004"u8, .. new byte[600]], "it is neither a tar, nor one compressed with zstd or gzip"),
    ];

    private static byte[] Changed(byte[] bytes, int fromEnd)
    {
        var changed = (byte[])bytes.Clone();
        changed[^fromEnd] ^= 0x5A;
        return changed;
    }

    private static byte[] Gzip(byte[] plain)
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(plain);
        return target.ToArray();
    }
}
