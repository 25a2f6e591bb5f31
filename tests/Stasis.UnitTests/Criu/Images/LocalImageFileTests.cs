using System.Text;
using Stasis.Engine.Criu.Images;
using Xunit;

namespace Stasis.UnitTests.Criu.Images;

public sealed class LocalImageFileTests
{
    private static readonly ImageMessage Remap = ImageSchema.Message("remap_file_path_entry");

    [Fact]
    public void Records_that_were_written_are_read_again()
    {
        using var directory = new TempDirectory();
        var (kind, path) = (ImageKind.Get("remap-fpath"), directory.File("remap-fpath.img", ""));
        ImageRecord[] records = [CreateRemap(1, 2), CreateRemap(3, 4)];

        LocalImageFile.Write(path, kind, records);
        Assert.Equal([(1u, 2u), (3u, 4u)],
            LocalImageFile.Read(path, kind).Select(record => (record.U32("orig_id"), record.U32("remap_id"))));

        LocalImageFile.Write(path, kind, []);
        Assert.Empty(LocalImageFile.Read(path, kind));
    }

    [Fact]
    public void Record_keeps_all_fields_but_the_one_that_is_changed_or_removed()
    {
        var socket = new ImageRecord(
            new WireWriter()
                .Number(Field("ino"), 7)
                .Content(Field("name"), "/run/a\0"u8)
                .Content(Field("name_dir"), "/run"u8)
                .Number(Field("deleted"), 1)
                .Bytes,
            ImageSchema.Message("unix_sk_entry"));

        var changed = socket.Without("deleted").Without("name_dir").Without("mnt_id").With("name", Encoding.UTF8.GetBytes("/run/b\0"));

        Assert.Equal(7u, changed.U32("ino"));
        Assert.Equal("/run/b\0", changed.Text("name"));
        Assert.False(changed.Has("deleted") || changed.Has("name_dir") || changed.Has("mnt_id"));
        Assert.True(socket.Has("deleted"));

        static ImageField Field(string name) => ImageSchema.Message("unix_sk_entry")[name];
    }

    private static ImageRecord CreateRemap(uint original, uint remap) => new(
        new WireWriter().Number(Remap["orig_id"], original).Number(Remap["remap_id"], remap).Bytes, Remap);
}
