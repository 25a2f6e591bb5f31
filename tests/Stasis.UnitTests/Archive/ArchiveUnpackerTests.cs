using Stasis.Engine.Archive;
using Stasis.Engine.Errors;
using Stasis.UnitTests.Formats.Tar;
using Xunit;

namespace Stasis.UnitTests.Archive;

public sealed class ArchiveUnpackerTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Missing_entries_are_named() => Refused("/no/such.tar", "archive /no/such.tar: No such file or directory");

    [Fact]
    public void A_folder_is_none() => Refused(_temp.Path, $"archive {_temp.Path}: it is a folder, not a checkpoint archive");

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("hello, world", "it is neither a tar, nor one compressed with zstd or gzip")]
    public void Text_is_none(string content, string why)
    {
        var file = _temp.File("x", content);
        Refused(file, $"archive {file}: not a checkpoint archive: {why}");
    }

    [Fact]
    public void Noise_is_none_and_is_not_shown()
    {
        var noise = new byte[4096];
        new Random(1).NextBytes(noise);
        var file = Write(noise);
        Refused(file, $"archive {file}: not a checkpoint archive: it is neither a tar, nor one compressed with zstd or gzip");
    }

    [Fact]
    public void Another_tar_is_none()
    {
        var file = Write(Tars.Make(Tars.File("bin/busybox"), Tars.File("config.dump")));
        Refused(file, $"archive {file}: not a checkpoint archive: it begins with bin/busybox");
    }

    [Fact]
    public void A_checkpoint_with_a_strange_entry_is_a_bad_one()
    {
        var file = Write(Tars.Make(Tars.File("config.dump"), Tars.File("bin/busybox")));
        Refused(file, $"archive {file}: entry bin/busybox: a checkpoint archive has no such entry (File)", remedy: false);
    }

    private string Write(byte[] content)
    {
        var path = Path.Combine(_temp.Path, "archive");
        File.WriteAllBytes(path, content);
        return path;
    }

    private void Refused(string archive, string message, bool remedy = true)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_temp.Path, "unpacked")).FullName;
        var error = Assert.Throws<ArchiveException>(
            () => ArchiveUnpacker.Unpack(archive, ArchiveReadSettings.Open, folder, _ => { }, TestContext.Current.CancellationToken));
        Assert.Equal(message, error.Message);
        Assert.Equal(remedy, error.Remedy is not null);
    }
}
