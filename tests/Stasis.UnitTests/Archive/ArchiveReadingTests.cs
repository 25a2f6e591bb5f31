using System.IO.Compression;
using System.Security.Cryptography;
using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Linux.Files;
using Stasis.UnitTests.Formats.Tar;
using Xunit;

namespace Stasis.UnitTests.Archive;

/// <summary>
/// Whole archives, larger than what is read ahead, in every form they come in: what is unpacked, the digest,
/// and how damage is told.
/// </summary>
public sealed class ArchiveReadingTests : IDisposable
{
    private static readonly byte[] Pages = MakePages(24 << 20);
    private static readonly byte[] Plain = Tars.Make(
        (Tars.File("config.dump"), "{}"u8.ToArray()),
        (Tars.File("checkpoint/pages-1.img"), Pages),
        (Tars.File("ctr.log"), "end"u8.ToArray()));

    private readonly TempDirectory _temp = new();

    public enum Form { Plain, Gzip, GzipMembers, OneFrame, ManyFrames, UnknownSizes }

    public static TheoryData<Form> Forms => [.. Enum.GetValues<Form>()];

    public void Dispose() => _temp.Dispose();

    [Theory]
    [MemberData(nameof(Forms))]
    public void Archive_is_unpacked_and_hashed(Form form)
    {
        var bytes = Encode(Plain, form);

        var read = Unpack(bytes);

        Assert.Equal(("sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes)), (long)bytes.Length), (read.Digest, read.Length));
        Assert.True(File.ReadAllBytes(Path.Combine(_temp.Path, "unpacked/checkpoint/pages-1.img")).AsSpan().SequenceEqual(Pages));
        Assert.Equal("end", File.ReadAllText(Path.Combine(_temp.Path, "unpacked/ctr.log")));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Cut_anywhere_it_is_truncated(Form form)
    {
        var bytes = Encode(Plain, form);
        foreach (var length in new[] { 3, 600, bytes.Length / 2, bytes.Length - (form == Form.Plain ? 1024 : 1) })
            Assert.Contains(
                length > 3 ? "truncated" : "",
                Assert.Throws<ArchiveException>(() => Unpack(bytes[..length])).Message,
                StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Data_after_the_end_is_refused(Form form)
    {
        var bytes = Encode(Plain, form);
        var error = Assert.Throws<ArchiveException>(() => Unpack([.. bytes, .. "more"u8]));
        Assert.Contains("trailing", error.Message, StringComparison.Ordinal);
        Assert.Contains("offset", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_frame_is_named_by_its_offset()
    {
        var bytes = Encode(Plain, Form.ManyFrames);
        bytes[bytes.Length / 2] ^= 1;
        var error = Assert.Throws<ArchiveException>(() => Unpack(bytes));
        Assert.Contains("zstd data, offset ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelled_it_stops()
    {
        var path = Write(Encode(Plain, Form.ManyFrames));
        using var cancellation = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => ArchiveUnpacker.Unpack(
            path,
            ArchiveReadSettings.Open,
            Fresh(),
            read => { if (read.Done > 1 << 20) cancellation.Cancel(); },
            cancellation.Token));
    }

    private UnpackedArchive Unpack(byte[] archive) =>
        ArchiveUnpacker.Unpack(Write(archive), ArchiveReadSettings.Open, Fresh(), _ => { }, TestContext.Current.CancellationToken);

    private string Write(byte[] archive)
    {
        var path = Path.Combine(_temp.Path, "archive");
        File.WriteAllBytes(path, archive);
        return path;
    }

    private string Fresh()
    {
        FileTree.Remove(Path.Combine(_temp.Path, "unpacked"));
        return Directory.CreateDirectory(Path.Combine(_temp.Path, "unpacked")).FullName;
    }

    private static byte[] Encode(byte[] plain, Form form) => form switch
    {
        Form.Gzip => Through(plain, target => new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true)),
        Form.GzipMembers => InPieces(
            plain,
            700_001,
            (piece, target) => target.Write(Through(piece, to => new GZipStream(to, CompressionLevel.Fastest, leaveOpen: true)))),
        Form.OneFrame => Zstds.Frame(plain),
        Form.ManyFrames => InPieces(plain, 1 << 20, (piece, target) => target.Write(Zstds.Frame(piece))),
        Form.UnknownSizes => InPieces(plain, 1 << 20, (piece, target) => target.Write(Zstds.OfUnknownSize(piece))),
        _ => plain,
    };

    private static byte[] InPieces(byte[] plain, int size, Action<byte[], Stream> write)
    {
        var target = new MemoryStream();
        foreach (var piece in plain.Chunk(size))
            write(piece, target);
        return target.ToArray();
    }

    private static byte[] Through(byte[] plain, Func<Stream, Stream> compress)
    {
        var target = new MemoryStream();
        using (var stream = compress(target))
            stream.Write(plain);
        return target.ToArray();
    }

    // Half noise, half text, page by page.
    private static byte[] MakePages(int size)
    {
        var pages = new byte[size];
        var random = new Random(1);
        for (var at = 0; at < size; at += 4096)
            random.NextBytes(pages.AsSpan(at, 2048));
        return pages;
    }
}
