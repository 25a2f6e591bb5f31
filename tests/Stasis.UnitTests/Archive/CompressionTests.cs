using CsCheck;
using Stasis.Engine.Archive;
using Stasis.Linux;
using Xunit;

namespace Stasis.UnitTests.Archive;

public sealed class CompressionTests
{
    private static readonly byte[] Sample = Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * i >> 7)).ToArray();

    [Theory]
    [InlineData(ArchiveCompression.Zstd)]
    [InlineData(ArchiveCompression.Gzip)]
    [InlineData(ArchiveCompression.None)]
    public void What_is_written_is_read(ArchiveCompression compression)
    {
        Assert.Equal(Sample, Decompress(Compress(Sample, compression)));
        Assert.Empty(Decompress(Compress([], compression)));
    }

    [Theory]
    [InlineData(ArchiveCompression.Zstd)]
    [InlineData(ArchiveCompression.Gzip)]
    public void Pieces_one_after_another_are_one(ArchiveCompression compression)
    {
        byte[] both = [.. Compress(Sample, compression), .. Compress([], compression), .. Compress([1, 2, 3], compression)];
        Assert.Equal([.. Sample, 1, 2, 3], Decompress(both));
    }

    [Fact]
    public void Skippable_frames_are_skipped()
    {
        byte[] skippable = [0x5E, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4];
        Assert.Equal([7, 8], Decompress([.. skippable, .. Compress([7, 8], ArchiveCompression.Zstd), .. skippable]));
    }

    [Theory]
    [InlineData(ArchiveCompression.Zstd)]
    [InlineData(ArchiveCompression.Gzip)]
    public void Cut_anywhere_it_is_an_error(ArchiveCompression compression)
    {
        var whole = Compress(Sample.AsSpan(0, 50_000), compression);
        Gen.Int[6, whole.Length - 1].Sample(length => Assert.Throws<CompressionException>(() => Decompress(whole[..length])), iter: 200);
    }

    [Fact]
    public void A_flipped_bit_is_an_error()
    {
        var whole = Compress(Sample.AsSpan(0, 50_000), ArchiveCompression.Zstd);
        Gen.Int[4 * 8, (whole.Length * 8) - 1].Sample(
            bit =>
            {
                var damaged = whole.ToArray();
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
                // Reserved bits of the frame header may not matter; what comes out must then be right.
                try
                {
                    Assert.True(Sample.AsSpan(0, 50_000).SequenceEqual(Decompress(damaged)));
                }
                catch (CompressionException)
                {
                }
            },
            iter: 300);
    }

    [Fact]
    public void Rubbish_behind_a_frame_is_an_error_that_says_where()
    {
        byte[] data = [.. Compress([1], ArchiveCompression.Zstd), 9, 9, 9, 9, 9];
        Assert.Equal(data.Length, Assert.Throws<CompressionException>(() => Decompress(data)).Offset);
    }

    [Theory]
    [InlineData("BZh91AY", "bzip2")]
    [InlineData("\u00FD7zXZ\0", "xz")]
    public void Other_formats_are_named(string start, string format) =>
        Assert.Contains(format, Assert.Throws<CompressionException>(() => Decompress(start.Select(c => (byte)c).ToArray())).Message);

    [Fact]
    public async Task The_zstd_command_agrees()
    {
        var directory = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var file = Path.Combine(directory, "data");
            AtomicFile.Write(file + ".zst", Compress(Sample, ArchiveCompression.Zstd), durable: false);
            AtomicFile.Write(file + ".long", Sample, durable: false);
            var result = await Spawn.RunAsync(
                new SpawnOptions { Program = "sh", Arguments = ["-c", "zstd -q -d data.zst && cmp data data.long && zstd -q -19 -T2 data.long"], WorkingDirectory = directory },
                null,
                TestContext.Current.CancellationToken);
            Assert.Equal((0, ""), (result.ExitCode, result.Error));
            Assert.Equal(Sample, Decompress(await File.ReadAllBytesAsync(file + ".long.zst", TestContext.Current.CancellationToken)));
        }
        finally
        {
            FileTree.Remove(directory);
        }
    }

    [Fact]
    public void A_failed_write_does_not_complete_the_data()
    {
        var target = new FullDisk();
        var stream = Compression.OpenWrite(target, ArchiveCompression.Zstd);
        Assert.Throws<IOException>(() =>
        {
            for (var i = 0; i < 100; i++)
                stream.Write(Sample);
        });
        stream.Dispose(); // and neither throws nor writes
    }

    private static byte[] Compress(ReadOnlySpan<byte> data, ArchiveCompression compression)
    {
        var target = new MemoryStream();
        using (var stream = Compression.OpenWrite(target, compression))
            stream.Write(data);
        return target.ToArray();
    }

    private static byte[] Decompress(byte[] data)
    {
        using var stream = Compression.OpenRead(new MemoryStream(data));
        var target = new MemoryStream();
        stream.CopyTo(target, 70_000);
        return target.ToArray();
    }

    private sealed class FullDisk : OneWayStream
    {
        public FullDisk()
            : base(writes: true)
        {
        }

        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left on device");
    }
}
