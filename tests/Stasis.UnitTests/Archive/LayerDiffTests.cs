using System.IO.Compression;
using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.UnitTests.Formats.Tar;
using Xunit;

namespace Stasis.UnitTests.Archive;

/// <summary>Changes to a root file system that are an image layer, as in archives of containerd's CRI.</summary>
public sealed class LayerDiffTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    private string Diff => Path.Combine(_temp.Path, ArchiveEntryNames.RootfsDiff);

    private string Deleted => Path.Combine(_temp.Path, ArchiveEntryNames.DeletedNames);

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_layer_becomes_a_plain_tar_and_a_list_of_what_was_deleted()
    {
        WriteLayer("data/added", "data/.wh.gone", ".wh.top");

        Convert(ArchiveLimits.Default);

        Assert.Equal(["data/added"], ReadNames());
        Assert.Equal("/data/gone\0/top\0", File.ReadAllText(Deleted));
    }

    [Fact]
    public void A_plain_tar_stays_as_it_is()
    {
        var tar = Tars.Make(Tars.File("data/.wh.name"));
        File.WriteAllBytes(Diff, tar);

        Convert(ArchiveLimits.Default);

        Assert.Equal(tar, File.ReadAllBytes(Diff));
        Assert.False(File.Exists(Deleted));
    }

    [Fact]
    public void An_opaque_folder_is_refused()
    {
        WriteLayer("data/.wh..wh..opq");

        var refused = Assert.Throws<ArchiveException>(() => Convert(ArchiveLimits.Default));

        Assert.Contains("hides all that the image has", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_that_grows_beyond_the_limits_is_refused()
    {
        WriteLayer([.. Enumerable.Range(0, 100).Select(number => $"data/{number}")]);

        var refused = Assert.Throws<ArchiveException>(() => Convert(ArchiveLimits.Default with { MaxSize = 10_000 }));

        Assert.Contains("more than 10000 bytes", refused.Message, StringComparison.Ordinal);
    }

    private void Convert(ArchiveLimits limits) =>
        LayerDiff.Convert("a.tar", _temp.Path, limits, new EntryBudget("a.tar", () => 1000, limits), TestContext.Current.CancellationToken);

    private void WriteLayer(params string[] names)
    {
        using var packed = new GZipStream(File.Create(Diff), CompressionLevel.Fastest);
        packed.Write(Tars.Make([.. names.Select(name => Tars.File(name))]));
    }

    private List<string> ReadNames()
    {
        using var file = File.OpenRead(Diff);
        using var tar = new TarReader(file);
        var names = new List<string>();
        while (tar.Next() is { } entry)
            names.Add(entry.NameText);
        return names;
    }
}
