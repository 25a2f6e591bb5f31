using CsCheck;
using Stasis.Engine.Formats.Compression;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Formats.Compression;

/// <summary>Zstd frames that are verified one by one.</summary>
public sealed class FrameDigestsTests
{
    private static readonly byte[] Plain = [.. Enumerable.Range(0, (3 << 20) + 77).Select(i => (byte)((i * (long)i >> 9) + (i >> 20)))];
    private static readonly (byte[] Data, byte[] Tables) Written = Compress();

    private static byte[] Data => Written.Data;

    private static byte[] Tables => Written.Tables;

    [Fact]
    public void What_was_written_is_read()
    {
        using var file = AnonymousFile.Create("test", Data);
        using var zstd = SeekableZstd.OpenVerified(new FileSource(file), Tables);

        var read = new byte[Plain.Length];

        Assert.Equal(Plain.Length, zstd.ReadAt(0, read));
        Assert.Equal(Plain, read);
    }

    /// <summary>For readers that know nothing of the digests it is zstd with a seek table.</summary>
    [Fact]
    public void A_reader_that_does_not_verify_reads_the_same()
    {
        using var file = AnonymousFile.Create("test", Data);
        using var zstd = SeekableZstd.TryOpen(file)!;
        using var stream = CompressionStreams.OpenRead(new MemoryStream(Data));
        using var whole = new MemoryStream();

        stream.CopyTo(whole);

        Assert.Equal(Plain.Length, zstd.Length);
        Assert.Equal(Plain, whole.ToArray());
    }

    [Fact]
    public void Each_changed_byte_of_a_frame_is_found()
    {
        Gen.Int[0, Data.Length - Tables.Length - 1].Sample(
            place =>
            {
                byte[] changed = [.. Data];
                changed[place] ^= 1;
                using var file = AnonymousFile.Create("test", changed);
                using var zstd = SeekableZstd.OpenVerified(new FileSource(file), Tables);

                Assert.Throws<CompressionException>(() => zstd.ReadAt(0, new byte[Plain.Length]));
            },
            iter: 20,
            threads: 1);
    }

    /// <summary>The frames of other data, which are sound by themselves.</summary>
    [Fact]
    public void Another_frame_is_found()
    {
        byte[] other = [.. Data];
        using (var file = AnonymousFile.Create("test", Data))
        using (var zstd = SeekableZstd.TryOpen(file)!)
        {
            var (first, second) = (zstd.Table[0], zstd.Table[1]);
            Data.AsSpan((int)second.Offset, Math.Min(first.Length, second.Length)).CopyTo(other);
        }
        using var swapped = AnonymousFile.Create("test", other);
        using var read = SeekableZstd.OpenVerified(new FileSource(swapped), Tables);

        Assert.Throws<CompressionException>(() => read.ReadFrame(0, new byte[read.Table.MaxPlainLength]));
    }

    [Fact]
    public void Damaged_tables_are_refused_in_one_way()
    {
        Gen.Select(Gen.Int[0, Tables.Length - 1], Gen.Byte, Gen.Int[0, Tables.Length]).Sample(
            (place, value, length) =>
            {
                byte[] damaged = [.. Tables];
                damaged[place] = value;
                Try(damaged);
                Try(damaged[..length]);
                Try(damaged[length..]);
            },
            iter: 300,
            threads: 1);

        static void Try(byte[] tables)
        {
            using var file = AnonymousFile.Create("test", Data);
            try
            {
                SeekableZstd.OpenVerified(new FileSource(file), tables).Dispose();
            }
            catch (CompressionException)
            {
            }
        }
    }

    [Fact]
    public void Tables_of_other_data_are_refused()
    {
        using var file = AnonymousFile.Create("test", [.. Data, 0]);

        Assert.Throws<CompressionException>(() => SeekableZstd.OpenVerified(new FileSource(file), Tables));
    }

    private static (byte[] Data, byte[] Tables) Compress()
    {
        using var target = new MemoryStream();
        var zstd = new ZstdFrameWriter(target, 3, hasDigests: true);
        zstd.Write(Plain);
        zstd.Dispose();
        return (target.ToArray(), zstd.Tables);
    }
}
