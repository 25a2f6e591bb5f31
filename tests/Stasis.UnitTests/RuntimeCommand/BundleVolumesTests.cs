using System.Formats.Tar;
using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeCommand;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand;

/// <summary>Volumes of a checkpoint, in the mounts of a bundle.</summary>
public sealed class BundleVolumesTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Dictionary<string, string> _annotations = [];
    private readonly Layout _layout;
    private OciProcess? _process;

    private string Folder => Path.Combine(_directory.Path, "mounted");

    private string Datum => Path.Combine(Folder, "datum");

    private CheckpointEntryPaths Checkpoint => new(Path.Combine(_directory.Path, "checkpoint"));

    public BundleVolumesTests()
    {
        _layout = new Layout(Path.Combine(_directory.Path, "root"), Path.Combine(_directory.Path, "run"));
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
        AtomicFile.Write(Mark(), []);
        File.WriteAllBytes(Datum, [1]);

        Fill();

        Assert.Equal([1, 2], File.ReadAllBytes(Datum));
        Assert.False(File.Exists(Mark()));
    }

    [Fact]
    public void What_the_content_does_not_name_is_never_removed()
    {
        AtomicFile.Write(Mark(), []);
        var other = Path.Combine(Folder, "other");
        File.WriteAllBytes(other, [1]);

        Assert.Throws<StasisException>(() => Fill());

        Assert.Equal([1], File.ReadAllBytes(other));
    }

    /// <summary>A container can leave what it wants in its volume: that doesn't tell that the content may be replaced.</summary>
    [Fact]
    public void A_folder_is_not_believed_what_it_says_of_itself()
    {
        File.WriteAllBytes(Path.Combine(Folder, ".stasis-unfinished"), []);
        File.WriteAllBytes(Datum, [1]);

        Assert.Throws<StasisException>(() => Fill());

        Assert.Equal([1], File.ReadAllBytes(Datum));
    }

    [Fact]
    public void A_folder_that_another_restore_fills_is_refused()
    {
        using var held = FileLock.TryAcquire(_layout.VolumeLock(FileIdentity.Read(Folder)));

        Assert.Contains("by another restore", Assert.Throws<StasisException>(() => Fill()).Message, StringComparison.Ordinal);
    }

    /// <summary>Names are the archive's choice.</summary>
    [Theory]
    [InlineData("../../secret")]
    [InlineData("a/b")]
    [InlineData("..")]
    public void A_name_that_is_a_path_is_refused(string name)
    {
        var secret = Path.GetFullPath(Checkpoint.Volumes + "/../../secret.tar");
        File.Copy(Checkpoint.Volume("v"), secret);

        Assert.ThrowsAny<StasisException>(() => Find([Mount()], name));

        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Theory]
    [InlineData(false, 0x1ED)]
    [InlineData(true, 0x9ED)]
    public void Files_get_only_privileges_that_the_container_could_give(bool isPrivileged, int mode)
    {
        using (var tar = new TarWriter(File.Create(Checkpoint.Volume("v"))))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "datum")
            {
                DataStream = new MemoryStream([1]),
                Mode = (UnixFileMode)0x9ED, // 04755
            });
        }
        if (isPrivileged)
        {
            var capabilities = new OciCapabilities { Bounding = ["CAP_FSETID", "CAP_SETFCAP"] };
            _process = new OciProcess { User = new OciUser(), Capabilities = capabilities };
        }

        Fill();

        Assert.Equal((UnixFileMode)mode, File.GetUnixFileMode(Datum));
    }

    [Fact]
    public void A_volume_without_a_mount_is_refused()
    {
        var refused = Assert.Throws<StasisException>(() => Find([]));

        Assert.Equal("a has the content of volume v at /data, and nothing is mounted there", refused.Message);
    }

    private void Fill(params string[] options) =>
        Find([Mount(options)]).Fill(CancellationToken.None);

    private OciMount Mount(params string[] options) =>
        new() { Destination = "/data/", Type = "bind", Source = Folder, Options = options };

    private BundleVolumes Find(IReadOnlyList<OciMount> mounts, string name = "v") => BundleVolumes.Find(
        Checkpoint,
        new ContainerConfig { Id = "", Name = "", NamedVolumes = [new NamedVolume { Name = name, Destination = "/data" }] },
        new OciSpec { Mounts = mounts, Annotations = _annotations, Process = _process },
        _layout,
        "a");

    private string Mark()
    {
        var mark = _layout.UnfinishedVolume(FileIdentity.Read(Folder));
        PrivateDirectory.Create(Path.GetDirectoryName(mark)!);
        return mark;
    }
}
