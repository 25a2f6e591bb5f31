using Stasis.Engine;
using Stasis.Engine.Archive;
using Xunit;

namespace Stasis.UnitTests.Archive;

public sealed class ArchiveWriterTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stasis-writer-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("/dev/null")]
    [InlineData("/")]
    public void What_is_no_regular_file_is_not_replaced(string target)
    {
        var error = Assert.Throws<StasisException>(() => ArchiveWriter.Create(target, ArchiveCompression.None));

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
        using (var writer = ArchiveWriter.Create(PathOf("file"), ArchiveCompression.None))
            writer.Write(_ => { }, TestContext.Current.CancellationToken);

        Assert.Empty(_folder.GetFileSystemInfos());
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private static void Write(string target, byte[]? content = null)
    {
        using var writer = ArchiveWriter.Create(target, ArchiveCompression.None);
        if (content is not null)
            writer.AddBytes("entry", content);
        writer.Write(_ => { }, TestContext.Current.CancellationToken);
        writer.Commit();
    }
}
