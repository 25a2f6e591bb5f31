using Stasis.Engine.Criu;
using Stasis.Engine.Criu.Images;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class CgroupImageTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Groups_beneath_the_container_s_own_are_listed_once()
    {
        var image = Write(
            [("memory", "/stasis/abc"), ("pids", "/stasis/abc")],
            [("memory", "/stasis/abc/worker"), ("pids", "/stasis/abc/worker")],
            [("memory", "/stasis/abc/init.scope"), ("pids", "/stasis/abc")]);
        Assert.Equal(["init.scope", "worker"], CgroupImage.ReadNested(image));
    }

    [Fact]
    public void A_container_in_one_group_has_none()
    {
        Assert.Empty(CgroupImage.ReadNested(Write([("memory", "/")], [("memory", "/stasis/abc")], [("memory", "/stasis/abcd")])));
        Assert.Empty(CgroupImage.ReadNested(Path.Combine(_temp.Path, "missing")));
    }

    // CRIU: images/cgroup.proto.
    private string Write(params (string Controller, string Path)[][] sets)
    {
        var (entryOf, setOf, memberOf) = (Message("cgroup_entry"), Message("cg_set_entry"), Message("cg_member_entry"));
        var entry = new WireWriter();
        foreach (var (id, members) in sets.Index())
        {
            var set = new WireWriter().Number(setOf["id"], (ulong)id);
            foreach (var (controller, path) in members)
            {
                var member = new WireWriter().Text(memberOf["name"], controller).Text(memberOf["path"], path);
                set.Content(setOf["ctls"], member.Bytes.Span);
            }
            entry.Content(entryOf["sets"], set.Bytes.Span);
        }
        var file = Path.Combine(_temp.Path, CgroupImage.Name);
        LocalImageFile.Write(file, ImageKind.Get("cgroup"), new ImageRecord(entry.Bytes, entryOf));
        return file;

        static ImageMessage Message(string name) => ImageSchema.Message(name);
    }
}
