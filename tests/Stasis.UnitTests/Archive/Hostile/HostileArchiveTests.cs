using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Linux.Files;
using Stasis.UnitTests.Formats.Tar;
using Xunit;

namespace Stasis.UnitTests.Archive.Hostile;

/// <summary>
/// Every hostile archive is refused, with its own words, in bounded memory, and nothing around the folder
/// that it is unpacked into is touched.
/// </summary>
public sealed class HostileArchiveTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public static TheoryData<string> All => [.. Hostile.All.Select(archive => archive.ToString())];

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void There_are_many_and_each_is_another()
    {
        Assert.True(Hostile.All.Count >= 120, $"{Hostile.All.Count}");
        Assert.Equal(Hostile.All.Count, Hostile.All.Select(archive => archive.ToString()).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Hostile_archive_is_refused(string name)
    {
        var hostile = Hostile.All.Single(archive => archive.ToString() == name);
        var archive = Path.Combine(_temp.Path, "archive");
        File.WriteAllBytes(archive, hostile.Bytes);
        _temp.File("neighbour", "as it was");
        var folder = Directory.CreateDirectory(Path.Combine(_temp.Path, "unpacked")).FullName;
        var before = Listing(folder);

        var error = Assert.Throws<ArchiveException>(() => ArchiveUnpacker.Unpack(
            archive,
            new ArchiveReadSettings { Limits = hostile.Limits },
            folder,
            _ => { },
            TestContext.Current.CancellationToken));

        Assert.True(error.Message.Contains(hostile.Message, StringComparison.Ordinal), error.Message);
        Assert.StartsWith($"archive {archive}: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.Equal(before, Listing(folder));
        AssertHoldsOnlyFiles(folder);
    }

    /// <summary>
    /// Those that can be read at any place, without the pages: the order of what is looked at may be another,
    /// but they are refused.
    /// </summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Hostile_archive_is_refused_without_its_pages(string name)
    {
        var hostile = Hostile.All.Single(archive => archive.ToString() == name);
        var archive = Path.Combine(_temp.Path, "archive");
        File.WriteAllBytes(archive, hostile.Bytes);
        _temp.File("neighbour", "as it was");
        var folder = Directory.CreateDirectory(Path.Combine(_temp.Path, "unpacked")).FullName;
        var before = Listing(folder);

        Assert.ThrowsAny<StasisException>(() =>
        {
            using var file = File.OpenHandle(archive);
            using var index = RandomAccessArchive.TryOpen(file) ?? throw new StasisException("it is read in one go");
            ArchiveUnpacker.UnpackWithoutPages(
                archive,
                index,
                hostile.Bytes.Length,
                hostile.Limits,
                folder,
                TestContext.Current.CancellationToken);
        });

        Assert.Equal(before, Listing(folder));
        AssertHoldsOnlyFiles(folder);
    }

    [Fact]
    public void Unchanged_archive_is_accepted()
    {
        var archive = Path.Combine(_temp.Path, "archive");
        var content = new RawTar().Add(
            "dev/null",
            [],
            '3',
            change: header => { Tars.Bytes("0000001\0").CopyTo(header.AsSpan(329)); Tars.Bytes("0000003\0").CopyTo(header.AsSpan(337)); })
            .Add("link", [], '2', "/etc").Add("link/", "").Add("link/file", "x").Add("hard", [], '1', "link/file").End();
        File.WriteAllBytes(archive, RawTar.Begun
            .Add("checkpoint/parent", [], '2', "/etc")
            .Add("rootfs-diff.tar", content)
            .Add("deleted.files", "[\"/a..b\", \"/etc/../.x\"]".Replace("/../", "/..x/", StringComparison.Ordinal))
            .End());
        var folder = Directory.CreateDirectory(Path.Combine(_temp.Path, "unpacked")).FullName;

        ArchiveUnpacker.Unpack(archive, ArchiveReadSettings.Open, folder, _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal("../pre-checkpoint", new FileInfo(Path.Combine(folder, "checkpoint/parent")).LinkTarget);
    }

    // All but the folder itself, with what changes when something is written.
    private List<string> Listing(string folder) => [.. Directory.EnumerateFileSystemEntries(_temp.Path, "*", SearchOption.AllDirectories)
        .Where(path => !path.StartsWith(folder, StringComparison.Ordinal))
        .Select(path => $"{path} {new FileInfo(path).LastWriteTimeUtc.Ticks} {(File.Exists(path) ? new FileInfo(path).Length : 0)}")
        .Order(StringComparer.Ordinal)];

    private static void AssertHoldsOnlyFiles(string folder)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(
            folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }))
        {
            var status = FileStatus.TryRead(path)!.Value;
            Assert.True(status.IsDirectory || status.IsRegularFile || path.EndsWith("checkpoint/parent", StringComparison.Ordinal), path);
        }
    }
}
