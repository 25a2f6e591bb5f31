using CsCheck;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Formats.Compression;
using Xunit;

namespace Stasis.UnitTests.Archive;

public sealed class SeekableZstdTests : IDisposable
{
    private static readonly byte[] Plain = [.. Enumerable.Range(0, (5 << 20) + 77).Select(i => (byte)(i * (long)i >> 9))];
    private static readonly byte[] Compressed = Compress(Plain);

    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Any_part_can_be_read()
    {
        using var file = Open(Compressed);
        using var zstd = SeekableZstd.TryOpen(file)!;
        Assert.Equal((Plain.Length, 6), ((int)zstd.Length, zstd.Table.Count));
        Gen.Select(Gen.Int[0, Plain.Length + 10], Gen.Int[0, 3 << 20]).Sample(
            (offset, length) =>
            {
                var target = new byte[length];
                var read = zstd.ReadAt(offset, target);
                Assert.True(Plain.AsSpan(Math.Min(offset, Plain.Length)).StartsWith(target.AsSpan(0, read)));
                Assert.Equal(Math.Min(length, Math.Max(0, Plain.Length - offset)), read);
            },
            iter: 60,
            threads: 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Little_has_one_frame(int length)
    {
        using var file = Open(Compress(Plain[..length]));
        using var zstd = SeekableZstd.TryOpen(file)!;
        Assert.Equal((length, 1), ((int)zstd.Length, zstd.Table.Count));
        Assert.Equal(length, zstd.ReadAt(0, new byte[10]));
    }

    [Fact]
    public void Without_a_table_there_is_none()
    {
        using var file = Open(Zstds.Frame(Plain));
        Assert.Null(SeekableZstd.TryOpen(file));
        using var empty = Open([]);
        Assert.Null(SeekableZstd.TryOpen(empty));
    }

    /// <summary>Every byte of the table and some of the frames, changed: an error, or what was there.</summary>
    [Fact]
    public void Damage_is_noticed()
    {
        var table = Compressed.Length - (8 + (12 * 6) + 9);
        foreach (var at in Enumerable.Range(table, Compressed.Length - table - 4).Concat([0, 4, 5, 6, 100, table / 2, table - 1]))
        {
            var damaged = Compressed.ToArray();
            damaged[at] ^= 0x11;
            Assert.True(RefusesOrReads(damaged), $"byte {at}");
        }
    }

    [Fact]
    public void A_table_that_fits_no_file_is_refused()
    {
        using var file = Open([.. Compressed.AsSpan(1000)]);
        var error = Assert.Throws<CompressionException>(() => SeekableZstd.TryOpen(file));
        Assert.Contains("the seek table is of", error.Message, StringComparison.Ordinal);
    }

    private bool RefusesOrReads(byte[] compressed)
    {
        using var file = Open(compressed);
        try
        {
            using var zstd = SeekableZstd.TryOpen(file);
            if (zstd is null)
                return true;
            var all = new byte[zstd.Length];
            return zstd.ReadAt(0, all) == all.Length && all.AsSpan().SequenceEqual(Plain);
        }
        catch (CompressionException)
        {
            return true;
        }
    }

    private SafeFileHandle Open(byte[] content)
    {
        var path = Path.Combine(_temp.Path, "file");
        File.WriteAllBytes(path, content);
        return File.OpenHandle(path);
    }

    private static byte[] Compress(byte[] plain)
    {
        var target = new MemoryStream();
        using (var stream = CompressionStreams.OpenWrite(target, CompressionFormat.Zstd))
            stream.Write(plain);
        return target.ToArray();
    }
}
