using CsCheck;
using Stasis.Engine.Formats.Compression;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Archive;

public sealed class CompressionStreamsTests
{
    private static readonly byte[] Sample = Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * i >> 7)).ToArray();

    [Theory]
    [InlineData(CompressionFormat.Zstd)]
    [InlineData(CompressionFormat.Gzip)]
    [InlineData(CompressionFormat.None)]
    public void Compressed_data_is_read_back(CompressionFormat compression)
    {
        Assert.Equal(Sample, Decompress(Compress(Sample, compression)));
        Assert.Empty(Decompress(Compress([], compression)));
    }

    [Theory]
    [InlineData(CompressionFormat.Zstd)]
    [InlineData(CompressionFormat.Gzip)]
    public void Pieces_one_after_another_are_one(CompressionFormat compression)
    {
        byte[] both = [.. Compress(Sample, compression), .. Compress([], compression), .. Compress([1, 2, 3], compression)];
        Assert.Equal([.. Sample, 1, 2, 3], Decompress(both));
    }

    [Theory]
    [InlineData(CompressionFormat.Zstd)]
    [InlineData(CompressionFormat.Gzip)]
    public void Written_and_read_in_whatever_pieces_it_is_the_same(CompressionFormat compression) =>
        Gen.Select(Gen.Byte.Array[0, 5000].Array[0, 6], Gen.Int[1, 9], Gen.Int[1, 70_000]).Sample(
            (pieces, repeat, step) =>
            {
                byte[][] all = [.. Enumerable.Repeat(pieces, repeat).SelectMany(p => p)];
                using var target = new MemoryStream();
                using (var stream = CompressionStreams.OpenWrite(target, compression))
                {
                    foreach (var piece in all)
                        stream.Write(piece);
                }

                return Decompress(target.ToArray(), step).AsSpan().SequenceEqual([.. all.SelectMany(p => p)]);
            },
            iter: 100);

    [Theory]
    [InlineData(CompressionFormat.Zstd)]
    [InlineData(CompressionFormat.Gzip)]
    public void Flushed_data_can_be_read(CompressionFormat compression)
    {
        using var target = new MemoryStream();
        using var stream = CompressionStreams.OpenWrite(target, compression);
        stream.Write(Sample);
        stream.Flush();
        var read = new byte[Sample.Length];
        CompressionStreams.OpenRead(new MemoryStream(target.ToArray())).ReadExactly(read);
        Assert.Equal(Sample, read);
    }

    [Fact]
    public void A_frame_that_wants_gigabytes_of_memory_is_refused()
    {
        // Its header asks for a window of 2^31 bytes; libzstd goes up to 2^27.
        byte[] header = [0x28, 0xB5, 0x2F, 0xFD, 0x00, (31 - 10) << 3, 1, 0, 0];
        Assert.Contains("memory", Assert.Throws<CompressionException>(() => Decompress(header)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CompressionFormat.Zstd)]
    [InlineData(CompressionFormat.Gzip)]
    public void A_disk_that_is_full_at_the_very_end_is_reported(CompressionFormat compression)
    {
        var stream = CompressionStreams.OpenWrite(new FullDisk(room: 12), compression);
        stream.Write([1]);
        Assert.Throws<IOException>(stream.Dispose);
    }

    [Fact]
    public void Skippable_frames_are_skipped()
    {
        byte[] skippable = [0x5E, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4];
        Assert.Equal([7, 8], Decompress([.. skippable, .. Compress([7, 8], CompressionFormat.Zstd), .. skippable]));
    }

    [Theory]
    [InlineData(CompressionFormat.Zstd)]
    [InlineData(CompressionFormat.Gzip)]
    public void Cut_anywhere_it_is_an_error(CompressionFormat compression)
    {
        var whole = Compress(Sample.AsSpan(0, 50_000), compression);
        Gen.Int[6, whole.Length - 1].Sample(
            length =>
            {
                // Between the content and the table of its frames, nothing is missing but the table.
                if (compression == CompressionFormat.Zstd && IsWholeAt(length))
                    return;
                Assert.Throws<CompressionException>(() => Decompress(whole[..length]));
            },
            iter: 200);

        // The magic number of the skippable frame (RFC 8878, 3.1.2).
        bool IsWholeAt(int length) => whole.AsSpan(length).StartsWith((ReadOnlySpan<byte>)[0x5E, 0x2A, 0x4D, 0x18]);
    }

    [Theory]
    [InlineData(CompressionFormat.Zstd)]
    [InlineData(CompressionFormat.Gzip)]
    public void A_flipped_bit_is_an_error(CompressionFormat compression)
    {
        var whole = Compress(Sample.AsSpan(0, 50_000), compression);
        Gen.Int[4 * 8, (whole.Length * 8) - 1].Sample(
            bit =>
            {
                var damaged = whole.ToArray();
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
                // Some bits don't matter (reserved ones, the time in gzip's header); what comes out must then be right.
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
    public void Errors_in_gzip_data_say_what_is_wrong()
    {
        var whole = Compress(Sample.AsSpan(0, 50_000), CompressionFormat.Gzip);
        Assert.Contains("truncated", Assert.Throws<CompressionException>(() => Decompress(whole[..^20])).Message, StringComparison.Ordinal);
        whole.AsSpan(whole.Length / 2, 8).Fill(0xFF);
        Assert.Contains("corrupt data", Assert.Throws<CompressionException>(() => Decompress(whole)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rubbish_behind_a_frame_is_an_error_that_says_where()
    {
        byte[] data = [.. Compress([1], CompressionFormat.Zstd), 9, 9, 9, 9, 9];
        Assert.Equal(data.Length, Assert.Throws<CompressionException>(() => Decompress(data)).Offset);
    }

    [Theory]
    [InlineData("BZh91AY", "bzip2")]
    [InlineData("\u00FD7zXZ\0", "xz")]
    public void Other_formats_are_named(string start, string format) =>
        Assert.Contains(format, Assert.Throws<CompressionException>(() => Decompress(start.Select(c => (byte)c).ToArray())).Message);

    [Theory]
    [InlineData(CompressionFormat.Zstd, "zstd")]
    [InlineData(CompressionFormat.Gzip, "gzip")]
    public async Task The_distribution_s_command_agrees(CompressionFormat compression, string program)
    {
        var directory = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var file = Path.Combine(directory, "data");
            AtomicFile.Write(file + ".ours", Compress(Sample, compression), durable: false);
            AtomicFile.Write(file, Sample, durable: false);
            var result = await Spawn.RunAsync(
                new SpawnOptions
                {
                    Program = "sh",
                    Arguments = ["-c", $"{program} -d -c < data.ours | cmp - data && {program} -9 -c < data > data.theirs"],
                    WorkingDirectory = directory,
                },
                null,
                TestContext.Current.CancellationToken);
            Assert.Equal((0, ""), (result.ExitCode, result.Error));
            Assert.Equal(Sample, Decompress(await File.ReadAllBytesAsync(file + ".theirs", TestContext.Current.CancellationToken)));
        }
        finally
        {
            FileTree.Remove(directory);
        }
    }

    [Fact]
    public void A_failed_write_does_not_complete_the_data()
    {
        var target = new FullDisk(room: 0);
        var stream = CompressionStreams.OpenWrite(target, CompressionFormat.Zstd);
        Assert.Throws<IOException>(() =>
        {
            for (var i = 0; i < 100; i++)
                stream.Write(Sample);
        });
        stream.Dispose(); // and neither throws nor writes
    }

    private static byte[] Compress(ReadOnlySpan<byte> data, CompressionFormat compression)
    {
        var target = new MemoryStream();
        using (var stream = CompressionStreams.OpenWrite(target, compression))
            stream.Write(data);
        return target.ToArray();
    }

    private static byte[] Decompress(byte[] data, int step = 70_000)
    {
        using var stream = CompressionStreams.OpenRead(new MemoryStream(data));
        var target = new MemoryStream();
        stream.CopyTo(target, step);
        return target.ToArray();
    }

    private sealed class FullDisk(int room) : OneWayStream(writes: true)
    {
        private int _room = room;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (buffer.Length > _room)
                throw new IOException("No space left on device");
            _room -= buffer.Length;
        }
    }
}
