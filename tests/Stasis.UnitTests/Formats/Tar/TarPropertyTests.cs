using CsCheck;
using Stasis.Engine.Formats.Tar;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Formats.Tar;

/// <summary>For any entries: what is written is read. For any bytes: an answer or <see cref="TarException"/>, in bounded memory.</summary>
public sealed class TarPropertyTests
{
    private static readonly Gen<byte[]> Name =
        Gen.Frequency(
            (4, Gen.Char['a', 'z'].Array[1, 40].Select(c => Tars.Bytes(new string(c)))),
            (2, Gen.Byte[1, 255].Array[1, 300]),
            (1, LongPath()))
            .Where(n => n[^1] != '/');

    private static readonly Gen<TarEntry> Entry =
        from name in Name
        from type in Gen.Enum<TarEntryType>()
        from mode in Gen.UInt[0, 0xFFF]
        from uid in Gen.Frequency((3, Gen.UInt[0, 2000]), (1, Gen.UInt[0, uint.MaxValue - 1]))
        from gid in Gen.UInt[0, uint.MaxValue - 1]
        from seconds in Gen.Frequency((3, Gen.Long[0, 4_000_000_000]), (1, Gen.Long[-(1L << 60), 1L << 60]))
        from nanoseconds in Gen.Frequency((1, Gen.Const(0u)), (1, Gen.UInt[0, 999_999_999]))
        from link in Name
        from major in Gen.UInt[0, 4095]
        from minor in Gen.UInt[0, 1_048_575]
        from xattrs in Gen.Select(Gen.String[Gen.Char["abc.=%253D\u00e4"], 1, 12], Gen.Byte.Array[0, 60]).Array[0, 4]
        select new TarEntry
        {
            Name = name,
            Type = type,
            Mode = mode,
            Uid = uid,
            Gid = gid,
            ModifiedSeconds = seconds,
            ModifiedNanoseconds = nanoseconds,
            LinkName = type is TarEntryType.Hardlink or TarEntryType.Symlink ? link : default,
            DeviceMajor = type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice ? major : 0,
            DeviceMinor = type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice ? minor : 0,
            Xattrs = xattrs.DistinctBy(x => x.Item1).ToDictionary(x => "user." + x.Item1, x => x.Item2),
        };

    [Fact]
    public void Written_tars_are_read_back() => Gen.Select(Entry, Gen.Byte.Array[0, 1200]).Array[0, 5].Sample(
        entries =>
        {
            var read = Tars.Read(Tars.Make(entries));
            Assert.Equal(entries.Length, read.Count);
            foreach (var ((wanted, content), (found, foundContent)) in entries.Zip(read))
            {
                var size = wanted.Type == TarEntryType.File ? content.Length : 0;
                Assert.Equal(size > 0 ? content : [], foundContent);
                Assert.Equal(Describe(wanted with { Size = size }), Describe(found));
            }
        },
        iter: 500);

    [Fact]
    public void Reading_in_small_pieces_gives_the_same() => Gen.Select(Gen.Byte.Array[0, 3000], Gen.Int[1, 700]).Sample(
        (content, piece) =>
        {
            using var reader = new TarReader(new Dribble(Tars.Make((Tars.File("a"), content), (Tars.File("b"), content)), piece));
            for (var i = 0; i < 2; i++)
            {
                Assert.Equal(content.Length, reader.Next()!.Size);
                if (i == 0)
                    continue; // unread content is passed over
                var read = new MemoryStream();
                reader.Data.CopyTo(read, piece);
                Assert.Equal(content, read.ToArray());
            }

            Assert.Null(reader.Next());
        },
        iter: 300);

    /// <summary>
    /// Damage in real tars: bytes changed, with the checksum made good half of the time so that what is
    /// behind it is reached.
    /// </summary>
    [Fact]
    public void Damage_never_gives_anything_but_its_own_exception()
    {
        var samples = Directory.GetFiles(Golden.Folder, "*.tar.gz").Select(Golden.Read).ToArray();
        Gen
            .Select(Gen.Int[0, samples.Length - 1], Gen.Select(Gen.Int[0, 1 << 16], Gen.Byte).Array[1, 8], Gen.Bool, Gen.Int[0, 1 << 16])
            .Sample(
            (sample, changes, seal, cut) =>
            {
                var tar = samples[sample].ToArray();
                foreach (var (at, value) in changes)
                    tar[at % tar.Length] = value;
                if (seal)
                {
                    foreach (var (at, _) in changes)
                        Tars.Seal(tar.AsSpan(at % tar.Length / 512 * 512, 512));
                }

                if (cut % 5 == 0)
                    tar = tar[..(cut % tar.Length)];
                AssertReadsOrRefuses(tar);
            },
            iter: 4_000,
            threads: 1);
    }

    [Fact]
    public void Noise_is_refused() => Gen.Byte.Array[0, 3000].Sample(AssertReadsOrRefuses, iter: 2000, threads: 1);

    private static void AssertReadsOrRefuses(byte[] tar)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var reader = new TarReader(new MemoryStream(tar));
            Span<byte> buffer = stackalloc byte[512];
            while (reader.Next() is not null)
            {
                // A damaged sparse file can be very long: a look at its beginning must do.
                for (var i = 0; i < 100 && reader.Data.Read(buffer) > 0; i++)
                {
                }
            }
        }
        catch (TarException)
        {
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16 << 20, "takes too much memory");
    }

    private static Gen<byte[]> LongPath() =>
        Gen.Char['a', 'c'].Array[1, 60].Array[2, 12].Select(parts => Tars.Bytes(string.Join('/', parts.Select(p => new string(p)))));

    private static string Describe(TarEntry e) => string.Join(
        '|',
        Convert.ToHexString(e.Name.Span), e.Type, e.Mode, e.Uid, e.Gid, e.Size, e.ModifiedSeconds, e.ModifiedNanoseconds,
        Convert.ToHexString(e.LinkName.Span), e.DeviceMajor, e.DeviceMinor,
        string.Join(',', e.Xattrs.OrderBy(x => x.Key, StringComparer.Ordinal).Select(x => $"{x.Key}={Convert.ToHexString(x.Value)}")));

    private sealed class Dribble(byte[] data, int piece) : OneWayStream(writes: false)
    {
        private int _at;

        public override int Read(Span<byte> buffer)
        {
            var count = Math.Min(Math.Min(piece, buffer.Length), data.Length - _at);
            data.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }
    }
}
