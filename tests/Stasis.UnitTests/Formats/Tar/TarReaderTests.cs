using System.Text;
using Stasis.Engine.Formats.Tar;
using Xunit;

namespace Stasis.UnitTests.Formats.Tar;

public sealed class TarReaderTests
{
    [Fact]
    public void An_empty_tar_has_no_entries() => Assert.Empty(Tars.Read(Tars.Make(Array.Empty<TarEntry>())));

    [Fact]
    public void Cut_at_any_block_it_is_an_error_that_says_where()
    {
        var tar = Tars.Make((Tars.File("first"), new byte[700]), (Tars.File(new string('n', 300)), new byte[100]));
        for (var length = 0; length < tar.Length - 1024; length += 512)
        {
            var error = Assert.Throws<TarException>(() => Tars.Read(tar[..length]));
            Assert.Equal(length, error.Offset);
            Assert.Contains("truncated", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(2, Tars.Read(tar[..^512]).Count); // one zero block will do, as for GNU tar
    }

    [Fact]
    public void The_entry_is_named()
    {
        var tar = Tars.Make((Tars.File("a/name"), new byte[700]));
        Assert.Equal("a/name", Assert.Throws<TarException>(() => Tars.Read(tar[..600])).Entry);
        tar[3] ^= 1;
        Assert.Contains("checksum", Assert.Throws<TarException>(() => Tars.Read(tar)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_marker_it_may_end_after_an_entry_if_so_asked()
    {
        var tar = Tars.Make((Tars.File("a"), new byte[5]))[..1024];
        Assert.Single(Tars.Read(tar, new TarReaderOptions { RequireEndMarker = false }));
        Assert.Throws<TarException>(() => Tars.Read(tar));
    }

    [Fact]
    public void Data_after_the_end_is_not_read() =>
        Assert.Single(Tars.Read([.. Tars.Make(Tars.File("a")), .. new byte[512], 1, 2, 3]));

    [Fact]
    public void A_zero_block_between_entries_is_an_error() =>
        Assert.Throws<TarException>(() => Tars.Read([.. Tars.Make(Tars.File("a"))[..512], .. new byte[512], .. Tars.Make(Tars.File("b"))]));

    [Theory]
    [InlineData("0000644\0", 420L)]
    [InlineData("   644 \0", 420L)]
    [InlineData("\0\0\0\0\0\0\0\0", 0L)]
    [InlineData("77777777", 16777215L)]
    [InlineData("0000008\0", null)]
    [InlineData("-000001\0", null)]
    [InlineData("\u0080\0\0\0\0\0\u0001\0", 256L)]
    [InlineData("\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00fe", -2L)]
    [InlineData("\u0080\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", 0x7fffffffffffffL)]
    public void Numbers_are_octal_or_binary(string field, long? value) =>
        Assert.Equal(value, TarHeader.Number(Encoding.Latin1.GetBytes(field)));

    [Fact]
    public void Binary_numbers_beyond_63_bits_are_none() =>
        Assert.Null(TarHeader.Number([0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]));

    [Fact]
    public void Extended_headers_are_bounded()
    {
        foreach (var type in "xgLK")
        {
            var header = Tars.Make(Tars.File("big"))[..512];
            header[TarHeader.Type] = (byte)type;
            TarHeader.TryWriteOctal(header.AsSpan(TarHeader.Size), 4L << 30);
            Tars.Seal(header);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Contains("refused", Assert.Throws<TarException>(() => Tars.Read(header)).Why, StringComparison.Ordinal);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20);
        }
    }

    [Fact]
    public void Many_extended_headers_of_one_entry_are_bounded_together()
    {
        var header = Tars.Make(Tars.File("x"))[..512];
        header[TarHeader.Type] = (byte)'x';
        TarHeader.TryWriteOctal(header.AsSpan(TarHeader.Size), 512 << 10);
        Tars.Seal(header);
        byte[] record =
        [
            .. Encoding.ASCII.GetBytes($"{512 << 10} comment="), .. Enumerable.Repeat((byte)'c', (512 << 10) - 16),
            (byte)'\n',
        ];
        byte[] piece = [.. header, .. record];
        Assert.Contains(
            "refused", Assert.Throws<TarException>(() => Tars.Read([.. piece, .. piece, .. piece])).Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("path=x\n")]
    [InlineData("9 path=x\n\0")]
    [InlineData("99 path=x\n")]
    [InlineData("+9 path=x\n")]
    [InlineData("5 =x\n")]
    [InlineData("5 a=x")]
    [InlineData("10 path=a\0\n")]
    [InlineData("10 size=-1\n")]
    [InlineData("10 size=1x\n")]
    [InlineData("27 size=9223372036854775808\n")]
    [InlineData("12 mtime=1.x\n")]
    [InlineData("11 mtime=.5\n")]
    [InlineData("15 uid=5000000000\n")]
    [InlineData("23 GNU.sparse.offset=1\n26 GNU.sparse.numbytes=999\n")]
    [InlineData("26 GNU.sparse.numbytes=999\n")]
    [InlineData("22 GNU.sparse.major=7\n")]
    [InlineData("17 SCHILY.xattr.=x\n")]
    public void Malformed_records_are_refused(string records)
    {
        var content = new byte[512];
        var length = Encoding.Latin1.GetBytes(records, content);
        var header = Tars.Make(Tars.File("x"))[..512];
        header[TarHeader.Type] = (byte)'x';
        TarHeader.TryWriteOctal(header.AsSpan(TarHeader.Size), length);
        Tars.Seal(header);
        Assert.Throws<TarException>(() => Tars.Read([.. header, .. content, .. Tars.Make(Tars.File("file"))]));
    }

    [Theory]
    [InlineData("9 path=a\n9 path=b\n", "b", 0L, 0u)]
    [InlineData("9 path=a\n8 path=\n", "file", 0L, 0u)]
    [InlineData("14 mtime=-1.5\n", "file", -2L, 500_000_000u)]
    [InlineData("14 mtime=-0.1\n", "file", -1L, 900_000_000u)]
    [InlineData("25 mtime=1.0000000019999\n", "file", 1L, 1u)]
    [InlineData("12 mtime=-2\n", "file", -2L, 0u)]
    [InlineData("17 unknown=thing\n", "file", 0L, 0u)]
    public void Records_are_understood(string records, string name, long seconds, uint nanoseconds)
    {
        var content = new byte[512];
        var length = Encoding.Latin1.GetBytes(records, content);
        var header = Tars.Make(Tars.File("x"))[..512];
        header[TarHeader.Type] = (byte)'x';
        TarHeader.TryWriteOctal(header.AsSpan(TarHeader.Size), length);
        Tars.Seal(header);
        var (entry, _) = Assert.Single(Tars.Read([.. header, .. content, .. Tars.Make(Tars.File("file"))]));
        Assert.Equal((name, seconds, nanoseconds), (entry.NameText, entry.ModifiedSeconds, entry.ModifiedNanoseconds));
    }

    [Fact]
    public void A_global_header_goes_for_all_that_follow()
    {
        var header = Tars.Make(Tars.File("x"))[..512];
        header[TarHeader.Type] = (byte)'g';
        TarHeader.TryWriteOctal(header.AsSpan(TarHeader.Size), 10);
        Tars.Seal(header);
        var content = new byte[512];
        "10 uid=77\n"u8.CopyTo(content);
        var entries = Tars.Read([.. header, .. content, .. Tars.Make(Tars.File("a"), Tars.File("b") with { Uid = uint.MaxValue - 1 })]);
        Assert.Equal([77u, uint.MaxValue - 1], entries.Select(e => e.Entry.Uid));
    }

    [Theory]
    [InlineData('M')]
    [InlineData('N')]
    [InlineData('Z')]
    [InlineData('\u0001')]
    public void Unknown_types_are_refused(char type)
    {
        var tar = Tars.Make(Tars.File("x"));
        tar[TarHeader.Type] = (byte)type;
        Tars.Seal(tar.AsSpan(0, 512));
        Assert.Contains("unknown type", Assert.Throws<TarException>(() => Tars.Read(tar)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_old_is_a_file_with_a_slash()
    {
        var tar = Tars.Make(Tars.File("old/"));
        tar[TarHeader.Type] = 0;
        Tars.Seal(tar.AsSpan(0, 512));
        Assert.Equal((TarEntryType.Directory, "old"), (Tars.Read(tar)[0].Entry.Type, Tars.Read(tar)[0].Entry.NameText));
    }

    [Fact]
    public void An_extended_header_with_nothing_behind_it_is_an_error()
    {
        var tar = Tars.Make(Tars.File(new string('n', 200)));
        Assert.Throws<TarException>(() => Tars.Read([.. tar[..1024], .. new byte[1024]]));
    }

    [Fact]
    public void Signed_checksums_of_old_are_accepted()
    {
        var tar = Tars.Make(Tars.File("\u00e4\u00f6"));
        TarHeader.TryWriteOctal(tar.AsSpan(TarHeader.Checksum)[..7], TarHeader.Sum(tar.AsSpan(0, 512)).Signed);
        Assert.Single(Tars.Read(tar));
    }
}
