using System.Formats.Tar;
using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeCommand;
using Stasis.Engine.RuntimeSpec;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand;

/// <summary>Volumes of a checkpoint, in the mounts of a bundle.</summary>
public sealed class BundleVolumesTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Dictionary<string, string> _annotations = [];

    private string Folder => Path.Combine(_directory.Path, "mounted");

    private string Datum => Path.Combine(Folder, "datum");

    private CheckpointEntryPaths Checkpoint => new(Path.Combine(_directory.Path, "checkpoint"));

    public BundleVolumesTests()
    {
        Directory.CreateDirectory(Folder);
        Directory.CreateDirectory(Checkpoint.Volumes);
        using var tar = new TarWriter(File.Create(Checkpoint.Volume("v")));
        tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "./") { Mode = (UnixFileMode)0x1C0 /* 0700 */ });
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "datum") { DataStream = new MemoryStream([1, 2]) });
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_empty_folder_is_filled()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "lost+found"));

        Fill();

        Assert.Equal([1, 2], File.ReadAllBytes(Datum));
        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(Folder));
        Assert.Equal(["datum", "lost+found"], Directory.GetFileSystemEntries(Folder).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("rbind", "and what is mounted there isn't empty")]
    [InlineData("ro", "and what is mounted there is read-only")]
    public void What_can_not_be_filled_is_refused_unless_it_is_to_be_kept(string option, string why)
    {
        File.WriteAllBytes(Datum, [3]);

        var refused = Assert.Throws<StasisException>(() => Fill(option));

        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        _annotations[BundleVolumes.Annotation] = BundleVolumes.Keep;
        Fill(option);
        Assert.Equal([3], File.ReadAllBytes(Datum));
    }

    [Fact]
    public void Another_value_of_the_annotation_is_refused()
    {
        _annotations[BundleVolumes.Annotation] = "drop";
        Assert.Throws<StasisException>(() => Fill());
    }

    [Fact]
    public void What_a_killed_process_has_left_is_filled_anew()
    {
        File.WriteAllBytes(Path.Combine(Folder, ".stasis-unfinished"), []);
        File.WriteAllBytes(Path.Combine(Folder, "half"), [1]);

        Fill();

        Assert.Equal([Datum], Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public void A_volume_without_a_mount_is_refused()
    {
        var refused = Assert.Throws<StasisException>(() => Find([]));

        Assert.Equal("a has the content of volume v at /data, and nothing is mounted there", refused.Message);
    }

    private void Fill(params string[] options) =>
        Find([new OciMount { Destination = "/data/", Type = "bind", Source = Folder, Options = options }]).Fill(CancellationToken.None);

    private BundleVolumes Find(IReadOnlyList<OciMount> mounts) => BundleVolumes.Find(
        Checkpoint,
        new ContainerConfig { Id = "", Name = "", NamedVolumes = [new NamedVolume { Name = "v", Destination = "/data" }] },
        new OciSpec { Mounts = mounts, Annotations = _annotations },
        "a");
}
