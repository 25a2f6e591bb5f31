using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Archive;
using Stasis.Engine.Formats.Compression;
using Xunit;

namespace Stasis.UnitTests.Archive;

public sealed class EntryPieceCopierTests : IDisposable
{
    private const string Name = "checkpoint/pages-1.img";

    private static readonly byte[] Pages = RandomNumberGenerator.GetBytes((5 << 20) + 3 * 4096);

    private readonly TempDirectory _temp = new();

    public static TheoryData<CompressionFormat> Seekable => [CompressionFormat.Zstd, CompressionFormat.None];

    public void Dispose() => _temp.Dispose();

    [Theory]
    [MemberData(nameof(Seekable))]
    public void Required_parts_are_copied_and_in_the_end_all(CompressionFormat compression)
    {
        using var file = Open(Write(compression));
        using var index = RandomAccessArchive.TryOpen(file)!;
        using var fill = new EntryPieceCopier(index, index.Entries[Name], Target(out var target));

        // Over the ends of pieces, at both ends of the entry, and twice.
        foreach (var (offset, length) in ((int, int)[])[
            (3 << 20, 4096), ((1 << 20) - 4096, 8192), (0, 1), (Pages.Length - 1, 1), (3 << 20, 4096), (7, 0),
        ])
        {
            fill.Require(offset, length);
            Assert.True(Pages.AsSpan(offset, length).SequenceEqual(File.ReadAllBytes(target).AsSpan(offset, length)), $"{offset}+{length}");
        }
        Assert.False(Pages.AsSpan().SequenceEqual(File.ReadAllBytes(target))); // some was wanted, not all

        while (fill.CopyNext())
        {
        }
        Assert.True(Pages.AsSpan().SequenceEqual(File.ReadAllBytes(target)));
        fill.RequireAll();
    }

    [Theory]
    [MemberData(nameof(Seekable))]
    public async Task Each_piece_is_read_once_however_many_want_it(CompressionFormat compression)
    {
        using var file = Open(Write(compression));
        using var index = RandomAccessArchive.TryOpen(file)!;
        using var fill = new EntryPieceCopier(index, index.Entries[Name], Target(out var target));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
        {
            for (var page = 0; page < Pages.Length / 4096; page++)
                fill.Require((page * 977 + i * 31) % (Pages.Length / 4096) * 4096L, 4096);
        }, TestContext.Current.CancellationToken)));
        Assert.True(Pages.AsSpan().SequenceEqual(File.ReadAllBytes(target)));

        // What has been read isn't written again.
        await File.WriteAllBytesAsync(target, new byte[Pages.Length], TestContext.Current.CancellationToken);
        fill.RequireAll();
        Assert.False(fill.CopyNext());
        Assert.DoesNotContain(await File.ReadAllBytesAsync(target, TestContext.Current.CancellationToken), value => value != 0);
    }

    [Fact]
    public void A_damaged_frame_is_told_to_everyone_who_wants_it_and_the_others_are_had()
    {
        var archive = Write(CompressionFormat.Zstd);
        using var file = Open(archive);
        using var index = RandomAccessArchive.TryOpen(file)!;
        var frame = index.Frames!.Table[index.PieceAt(index.Entries[Name].Offset + (2 << 20))];
        using (var writer = File.OpenHandle(archive, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            RandomAccess.Write(writer, "damage"u8, frame.Offset + frame.Length / 2);
        using var fill = new EntryPieceCopier(index, index.Entries[Name], Target(out _));
        for (var i = 0; i < 2; i++)
            Assert.Throws<InvalidDataException>(() => fill.Require(2 << 20, 4096));
        fill.Require(4 << 20, 4096);
        Assert.Throws<InvalidDataException>(fill.RequireAll);
    }

    [Fact]
    public void An_archive_that_was_shortened_is_told()
    {
        var archive = Write(CompressionFormat.None);
        using var file = Open(archive);
        using var index = RandomAccessArchive.TryOpen(file)!;
        using (var writer = File.OpenHandle(archive, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            RandomAccess.SetLength(writer, 3 << 20);
        using var fill = new EntryPieceCopier(index, index.Entries[Name], Target(out _));
        fill.Require(0, 4096);
        Assert.Throws<EndOfStreamException>(() => fill.Require(4 << 20, 4096));
    }

    private string Write(CompressionFormat compression)
    {
        var path = Path.Combine(_temp.Path, "archive");
        using var writer = ArchiveWriter.Create(path, compression);
        writer.AddBytes("config.dump", "{}"u8);
        File.WriteAllBytes(Path.Combine(_temp.Path, "pages"), Pages);
        writer.AddFile(Name, Path.Combine(_temp.Path, "pages"));
        writer.AddBytes("checkpoint/pages-2.img", Pages.AsSpan(0, 4096));
        writer.Write(_ => { }, TestContext.Current.CancellationToken);
        writer.Commit();
        return path;
    }

    private static SafeFileHandle Open(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    private SafeFileHandle Target(out string path)
    {
        path = Path.Combine(_temp.Path, "target");
        File.WriteAllBytes(path, new byte[Pages.Length]);
        return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
    }
}
