using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Xunit;

namespace Stasis.UnitTests.Archive;

public sealed class ArchiveWriterTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stasis-writer-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("/dev/null")]
    [InlineData("/")]
    public void Devices_and_pipes_are_not_replaced(string target)
    {
        var error = Assert.Throws<StasisException>(() => ArchiveWriter.Create(target, CompressionFormat.None));

        Assert.Contains(target, error.Message, StringComparison.Ordinal);
        Assert.Contains("no regular file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_stays_and_what_it_leads_to_is_written()
    {
        var (file, link) = (PathOf("file"), PathOf("link"));
        Write(file);
        File.CreateSymbolicLink(link, file);
        var before = new FileInfo(file).Length;

        Write(link, "more"u8.ToArray());

        Assert.Equal(file, new FileInfo(link).LinkTarget);
        Assert.True(new FileInfo(file).Length > before);
    }

    [Fact]
    public void Not_committed_it_leaves_nothing()
    {
        using (var writer = ArchiveWriter.Create(PathOf("file"), CompressionFormat.None))
            writer.Write(_ => { }, TestContext.Current.CancellationToken);

        Assert.Empty(_folder.GetFileSystemInfos());
    }

    /// <summary>Whatever the form: it is unpacked as it was added, and its entries are found without unpacking where that can be.</summary>
    [Theory]
    [InlineData(CompressionFormat.Zstd)]
    [InlineData(CompressionFormat.Gzip)]
    [InlineData(CompressionFormat.None)]
    public void Added_entries_are_read_back(CompressionFormat compression)
    {
        var pages = new byte[(21 << 20) + 4096];
        new Random(1).NextBytes(pages.AsSpan(0, pages.Length / 2));
        File.WriteAllBytes(PathOf("pages-1.img"), pages);
        File.WriteAllBytes(PathOf("log"), "hello"u8.ToArray());
        var archive = PathOf("archive");
        using (var writer = ArchiveWriter.Create(archive, compression))
        {
            writer.AddBytes("config.dump", "{}"u8);
            writer.AddFile("ctr.log", PathOf("log"));
            writer.AddFile("checkpoint/pages-1.img", PathOf("pages-1.img"));
            writer.AddFile("checkpoint/pages-2.img", PathOf("pages-1.img"));
            var done = 0L;
            writer.Write(progress => done = progress.Done, TestContext.Current.CancellationToken);
            Assert.Equal(5 + (2L * pages.Length), done);
            writer.Commit();
        }

        var folder = _folder.CreateSubdirectory("unpacked").FullName;
        ArchiveUnpacker.Unpack(archive, ArchiveReadSettings.Open, folder, _ => { }, TestContext.Current.CancellationToken);
        Assert.True(File.ReadAllBytes(Path.Combine(folder, "checkpoint/pages-1.img")).AsSpan().SequenceEqual(pages));
        Assert.True(File.ReadAllBytes(Path.Combine(folder, "checkpoint/pages-2.img")).AsSpan().SequenceEqual(pages));
        Assert.Equal("hello", File.ReadAllText(Path.Combine(folder, "ctr.log")));
        Assert.Equal("{}", File.ReadAllText(Path.Combine(folder, "config.dump")));

        using var file = File.OpenHandle(archive);
        using var index = RandomAccessArchive.TryOpen(file);
        Assert.Equal(compression == CompressionFormat.Gzip, index is null);
        if (index is null)
            return;
        Assert.Equal(["checkpoint/pages-1.img", "checkpoint/pages-2.img"], index.Entries.Keys.Order(StringComparer.Ordinal));
        var entry = index.Entries["checkpoint/pages-2.img"];
        var read = new byte[pages.Length];
        Assert.Equal((pages.Length, pages.Length), ((int)entry.Length, index.ReadAt(entry.Offset, read)));
        Assert.True(read.AsSpan().SequenceEqual(pages));
        if (compression == CompressionFormat.None)
            Assert.Equal(0, entry.Offset % 4096);
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private static void Write(string target, byte[]? content = null)
    {
        using var writer = ArchiveWriter.Create(target, CompressionFormat.None);
        if (content is not null)
            writer.AddBytes("entry", content);
        writer.Write(_ => { }, TestContext.Current.CancellationToken);
        writer.Commit();
    }
}
