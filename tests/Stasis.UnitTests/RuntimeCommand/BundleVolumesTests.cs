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
    private readonly List<string> _warnings = [];

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
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData("isn't empty")]
    [InlineData("is read-only")]
    public void What_is_in_use_stays_as_it_is(string why)
    {
        if (why == "isn't empty")
            File.WriteAllBytes(Datum, [3]);

        Fill(why == "is read-only" ? ["rbind", "ro"] : ["rbind"]);

        Assert.Equal(why == "isn't empty", File.Exists(Datum) && File.ReadAllBytes(Datum) is [3]);
        Assert.Contains($"what is mounted at /data {why}", Assert.Single(_warnings), StringComparison.Ordinal);
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

        Assert.Equal("a has the content of volume v, and nothing is mounted at /data", refused.Message);
    }

    private void Fill(params string[] options) =>
        Find([new OciMount { Destination = "/data/", Type = "bind", Source = Folder, Options = options }])
            .Fill(_warnings.Add, CancellationToken.None);

    private BundleVolumes Find(IReadOnlyList<OciMount> mounts) => BundleVolumes.Find(
        Checkpoint,
        new ContainerConfig { Id = "", Name = "", NamedVolumes = [new NamedVolume { Name = "v", Destination = "/data" }] },
        new OciSpec { Mounts = mounts },
        "a");
}
