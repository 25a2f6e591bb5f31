using System.Formats.Tar;
using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.Archive;

/// <summary>The index of an archive, which is made before anything of it has been checked.</summary>
public sealed class RandomAccessArchiveTests
{
    [Theory]
    [InlineData("checkpoint/pages-1.img")]
    [InlineData("./checkpoint/pages-1.img")]
    public void Memory_pages_are_found_by_the_name_that_they_are_unpacked_under(string name)
    {
        using var index = Open(ArchiveLimits.Default, "config.dump", name)!;

        Assert.Equal(["checkpoint/pages-1.img"], index.Entries.Keys);
    }

    [Fact]
    public void Names_that_fill_memory_are_refused() =>
        Assert.Throws<ArchiveException>(() => Open(ArchiveLimits.Default, new string('a', 5000)));

    [Fact]
    public void Entries_without_number_are_refused()
    {
        var limits = new ArchiveLimits { EntriesFrom = 10, BytesPerEntry = 10_000 };

        Assert.Throws<ArchiveException>(() => Open(limits, [.. Enumerable.Range(0, 50).Select(number => $"checkpoint/pages-{number}.img")]));
    }

    private static RandomAccessArchive? Open(ArchiveLimits limits, params string[] names)
    {
        using var content = new MemoryStream();
        using (var tar = new TarWriter(content, leaveOpen: true))
        {
            foreach (var name in names)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1, 2]) });
        }
        using var file = AnonymousFile.Create("test", content.ToArray());
        return RandomAccessArchive.TryOpen(file, "a", limits);
    }
}
