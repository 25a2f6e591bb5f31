using Stasis.Engine.Formats.Tar;
using Xunit;

namespace Stasis.UnitTests.Formats.Tar;

/// <summary>Every format of GNU tar is read to the last bit of what it can hold.</summary>
public sealed class GoldenTests
{
    private const string Long =
        "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn";

    [Theory]
    [InlineData("v7", false, false, false)]
    [InlineData("ustar", true, false, false)]
    [InlineData("oldgnu", true, true, false)]
    [InlineData("gnu", true, true, false)]
    [InlineData("pax-0.0", true, true, true)]
    [InlineData("pax-0.1", true, true, true)]
    [InlineData("pax-1.0", true, true, true)]
    public void Everything_is_understood(string file, bool nodes, bool longNames, bool pax)
    {
        var entries = Tars.Read(Golden.Read(file + ".tar.gz")).ToDictionary(e => e.Entry.NameText);
        Assert.Equal([
            "d", "d/file", "hard", "soft", .. nodes ? (string[])["fifo", "null", "disk"] : [],
            .. longNames ? (string[])["sparse", Long, "longlink"] : [],
        ], entries.Keys);
        Assert.All(entries.Values, e => Assert.Equal(
            (1000u, 1001u, 1577934245L, pax ? 250_000_000u : 0),
            (e.Entry.Uid, e.Entry.Gid, e.Entry.ModifiedSeconds, e.Entry.ModifiedNanoseconds)));
        Assert.Equal((TarEntryType.Directory, 0x1EDu), (entries["d"].Entry.Type, entries["d"].Entry.Mode));
        Assert.Equal(
            (TarEntryType.File, 0x9EDu, "hello\n"),
            (entries["d/file"].Entry.Type, entries["d/file"].Entry.Mode, Text(entries["d/file"].Content)));
        Assert.Equal(
            (TarEntryType.Hardlink, "d/file", 0L),
            (entries["hard"].Entry.Type, entries["hard"].Entry.LinkNameText, entries["hard"].Entry.Size));
        Assert.Equal((TarEntryType.Symlink, "d/file"), (entries["soft"].Entry.Type, entries["soft"].Entry.LinkNameText));
        if (nodes)
        {
            Assert.Equal(TarEntryType.Fifo, entries["fifo"].Entry.Type);
            Assert.Equal(
                (TarEntryType.CharacterDevice, 1u, 3u),
                (entries["null"].Entry.Type, entries["null"].Entry.DeviceMajor, entries["null"].Entry.DeviceMinor));
            Assert.Equal(
                (TarEntryType.BlockDevice, 8u, 1u),
                (entries["disk"].Entry.Type, entries["disk"].Entry.DeviceMajor, entries["disk"].Entry.DeviceMinor));
        }

        if (longNames)
        {
            Assert.Equal("long\n", Text(entries[Long].Content));
            Assert.Equal(Long, entries["longlink"].Entry.LinkNameText);
            var sparse = entries["sparse"];
            Assert.Equal(2 << 20, sparse.Entry.Size);
            Assert.Equal("data", Text(sparse.Content[1_000_000..1_000_004]));
            Assert.Equal(4, sparse.Content.Count(b => b != 0));
            Assert.True(sparse.Entry.Extents!.Sum(e => e.Length) < 65536);
        }

        if (pax)
            Assert.Equal([0, 1, 10, 255, 61], entries["d/file"].Entry.Xattrs["user.binary"]);
    }

    private static string Text(byte[] content) => System.Text.Encoding.UTF8.GetString(content);
}
