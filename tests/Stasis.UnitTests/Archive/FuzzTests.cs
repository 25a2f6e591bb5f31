using System.IO.Compression;
using Stasis.Engine;
using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Streams;
using Stasis.Linux.Files;
using Stasis.UnitTests.Archive.Hostile;
using Stasis.UnitTests.Formats.Tar;
using Stasis.UnitTests.Fuzz;
using Xunit;

namespace Stasis.UnitTests.Archive;

/// <summary>
/// Whatever bytes an archive has: it is read, or refused with the reader's own exception, in bounded time and
/// memory. eng/fuzz.sh runs these for as long as told.
/// </summary>
public sealed class FuzzTests : IDisposable
{
    private static readonly ArchiveLimits Small = new() { MaxSize = 4 << 20, MaxEntries = 1000, RatioFrom = 1 << 20 };

    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_tar() => Fuzzer.Run([.. GoldenTars, .. Plain], input =>
    {
        try
        {
            using var reader = new TarReader(new MemoryStream(input));
            Span<byte> buffer = stackalloc byte[512];
            while (reader.Next() is not null)
            {
                for (var i = 0; i < 20 && reader.Data.Read(buffer) > 0; i++)
                {
                }
            }

            reader.RequireEnd();
            return true;
        }
        catch (TarException)
        {
            return false;
        }
    });

    /// <summary>In the pieces that decompressors give, of any lengths, and from a stream: both read the same.</summary>
    [Fact]
    public void A_tar_in_pieces() => Fuzzer.Run([.. GoldenTars, .. Plain], input =>
    {
        using var pieces = new Pieces(input);
        var (fromPieces, fromStream) = (Names(pieces), Names(new MemoryStream(input)));
        Assert.Equal(fromStream, fromPieces);
        return fromStream[^1] == "end";
    });

    [Fact]
    public void Compressed_data() => Fuzzer.Run([.. Plain.Take(20).SelectMany(Compress)], input =>
    {
        try
        {
            using var source = new ReadAheadStream(new MemoryStream(input));
            using var plain = CompressionStreams.OpenReadAhead(source, CancellationToken.None);
            // A few bytes of zstd may be very many.
            for (var left = 8 << 20; left > 0 && plain.Take(left) is { IsEmpty: false } piece; left -= piece.Length)
            {
            }

            return true;
        }
        catch (CompressionException)
        {
            return false;
        }
    });

    [Fact]
    public void Seekable_frames() => Fuzzer.Run([.. Plain.Take(20).Select(Seekable)], input =>
    {
        var path = Path.Combine(_temp.Path, "zstd");
        File.WriteAllBytes(path, input);
        using var file = File.OpenHandle(path);
        try
        {
            using var index = RandomAccessArchive.TryOpen(file, "archive");
            foreach (var entry in index?.Entries.Values ?? [])
                index!.ReadAt(entry.Offset, new byte[Math.Min(entry.Length, 4096)]);
            return index is not null;
        }
        catch (Exception e) when (e is CompressionException or TarException or ArchiveException)
        {
            return false;
        }
    });

    [Fact]
    public void Json() => Fuzzer.Run(
        [
            .. HostileJson.All.SelectMany(archive => Contents(archive.Bytes)).Where(content => content.Length < 5000),
            "{\"id\":\"a\",\"name\":\"b\",\"spec\":{\"a\":[1,2,{\"c\":null}]},\"d\":1e9}"u8.ToArray(),
            "[\"/a\",\"/b/c\"]"u8.ToArray(),
        ],
        input =>
        {
            try
            {
                StrictJsonReader.Check("archive", "entry", input, ArchiveLimits.Default);
                _ = input[0] == '['
                    ? (object)StrictJsonReader.Read("archive", "entry", input, EngineJson.Default.StringArray, ArchiveLimits.Default)
                    : input.Length % 2 == 0
                        ? StrictJsonReader.Read("archive", "entry", input, EngineJson.Default.ContainerConfig, ArchiveLimits.Default)
                        : StrictJsonReader.Read("archive", "entry", input, EngineJson.Default.OciSpec, ArchiveLimits.Default);
                return true;
            }
            catch (ArchiveException e)
            {
                Assert.DoesNotContain(e.Message, char.IsControl);
                return false;
            }
        });

    /// <summary>All of it together, into a folder: nothing beside that is touched.</summary>
    [Fact]
    public void A_whole_archive() => Fuzzer.Run([.. Whole, .. Whole.Take(5).SelectMany(Compress)], input =>
    {
        var (archive, folder) = (Path.Combine(_temp.Path, "archive"), Path.Combine(_temp.Path, "unpacked"));
        File.WriteAllBytes(archive, input);
        Directory.CreateDirectory(folder);
        try
        {
            ArchiveUnpacker.Unpack(archive, new ArchiveReadSettings { Limits = Small }, folder, _ => { }, CancellationToken.None);
            return true;
        }
        catch (ArchiveException e)
        {
            Assert.DoesNotContain(e.Message, char.IsControl);
            return false;
        }
        finally
        {
            FileTree.Remove(folder);
            Assert.Equal(["archive"], Directory.GetFileSystemEntries(_temp.Path).Select(Path.GetFileName));
        }
    });

    /// <summary>What is looked through and found to be in order is unpacked, beneath its folder.</summary>
    [Fact]
    public void Contents_of_an_archive() => Fuzzer.Run([
        .. HostileContents.All.SelectMany(archive => Contents(archive.Bytes)).Where(content => content.Length is > 512 and < 20_000),
        .. GoldenTars.Where(tar => tar.Length < 40_000),
    ], input =>
    {
        var (folder, root) = (Path.Combine(_temp.Path, "unpacked"), Path.Combine(_temp.Path, "root"));
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory(root);
        File.WriteAllBytes(Path.Combine(folder, ArchiveEntryNames.DevShm), input);
        try
        {
            new ArchiveValidator("archive", folder, Small).Check(CancellationToken.None);
            using var file = File.OpenRead(Path.Combine(folder, ArchiveEntryNames.DevShm));
            using var tar = new TarReader(file);
            using var rooted = RootedPath.Open(root, throughLinks: false);
            TarExtractor.Extract(tar, rooted);
            return true;
        }
        catch (Exception e) when (e is ArchiveException or TarException)
        {
            return false;
        }
        finally
        {
            FileTree.Remove(folder);
            FileTree.Remove(root);
            Assert.Empty(Directory.GetFileSystemEntries(_temp.Path));
        }
    });

    private static List<byte[]> GoldenTars => [.. Directory
        .GetFiles(Golden.Folder, "*.tar.gz")
        .Order(StringComparer.Ordinal)
        .Select(Golden.Read)
        .Where(tar => tar.Length < 100_000)];

    private static List<byte[]> Plain => [.. Hostile.Hostile.All
        .Select(archive => archive.Bytes)
        .Where(bytes => bytes.Length is > 1024 and < 20_000 && CompressionStreams.IsPlain(bytes))];

    private static List<byte[]> Whole =>
    [
        RawTar.Begun
            .Add("checkpoint/", "")
            .Add("checkpoint/inventory.img", "img")
            .Add("checkpoint/parent", [], '2', "../pre-checkpoint")
            .Add("volumes/a.tar", new RawTar().Add("a", "b").End())
            .Add("deleted.files", "[\"/a/b\"]").Pax(RawTar.Record("path", "ctr.log")).Add("x", "log").End(),
        .. Hostile.Hostile.All.Select(archive => archive.Bytes).Where(bytes => bytes.Length < 20_000),
    ];

    private static IEnumerable<byte[]> Compress(byte[] plain)
    {
        yield return Zstds.Frame(plain);
        yield return [
            .. Zstds.Frame(plain.AsSpan(0, plain.Length / 2)), .. Zstds.Skippable("skip"u8),
            .. Zstds.Frame(plain.AsSpan(plain.Length / 2)),
        ];
        yield return Zstds.OfUnknownSize(plain);
        yield return Seekable(plain);
        var gzip = new MemoryStream();
        using (var stream = new GZipStream(gzip, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(plain);
        yield return gzip.ToArray();
        yield return [.. gzip.ToArray(), .. gzip.ToArray()];
    }

    private static byte[] Seekable(byte[] plain)
    {
        var target = new MemoryStream();
        using (var stream = CompressionStreams.OpenWrite(target, CompressionFormat.Zstd))
        {
            stream.Write(plain.AsSpan(0, plain.Length / 3));
            stream.Flush();
            stream.Write(plain.AsSpan(plain.Length / 3));
        }

        return target.ToArray();
    }

    private static IEnumerable<byte[]> Contents(byte[] archive)
    {
        if (!CompressionStreams.IsPlain(archive))
            yield break;
        using var reader = new TarReader(new MemoryStream(archive));
        while (reader.Next() is not null)
        {
            var content = new MemoryStream();
            reader.Data.CopyTo(content);
            yield return content.ToArray();
        }
    }

    private static List<string> Names(Stream stream)
    {
        var names = new List<string>();
        try
        {
            using var reader = new TarReader(stream);
            while (reader.Next() is { } entry)
                names.Add($"{entry.NameText} {entry.Type} {entry.Size} {reader.Offset}");
            names.Add("end");
        }
        catch (TarException e)
        {
            names.Add(e.Why);
        }

        return names;
    }

    private sealed class Pieces(byte[] data) : ZeroCopyReadStream
    {
        private int _at;

        protected override ReadOnlyMemory<byte> NextPiece()
        {
            var piece = data.AsMemory(_at, Math.Min(data.Length - _at, 1 + (_at * 31 % 700)));
            _at += piece.Length;
            return piece;
        }
    }
}
