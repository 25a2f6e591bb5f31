using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images.Namespaces;
using Stasis.Engine.Vetting.Images.Tasks;
using Stasis.Tests.Mutations;
using Xunit;

namespace Stasis.UnitTests.Vetting.Images;

/// <summary>cgroup.img: the container's own cgroups, and the one of cgroup2 that its engine was in.</summary>
public class CgroupTests
{
    private const string Id = "e24351c4a111393e3b78866419f534436b0c971473921adfe984dbb12c6b0a31";

    private static readonly Dictionary<string, Action<ImageNode>> Forgeries = new()
    {
        ["another container's cgroup"] = groups => groups.Set("sets[0].ctls[1].path", "/stasis/" + new string('a', 64)),
        ["a cgroup beside the own"] = groups => groups.Set("sets[0].ctls[1].path", groups.Text("sets[0].ctls[1].path") + "-2"),
        ["the cgroup above"] = groups => groups.Set("sets[0].ctls[1].path", "/stasis"),
        ["a group of cgroup2 that isn't described"] = groups => groups.Set("sets[0].ctls[0].path", "/canary"),
        ["a new group of cgroup2"] = groups => Unified(groups).Add("dirs", Folder("new")),
        ["an existing group of cgroup2, with another owner"] = groups => Unified(groups)
            .Add("dirs", Folder("canary").Set("dir_perms", Permissions(0x1FF, 65534))),
        ["the own cgroup, with another owner"] = groups =>
            groups.Child("controllers[0].dirs[0]").Set("dir_perms", Permissions(0x1ED, 65534)),
        ["the own cgroup, for all to write"] = groups => groups.Child("controllers[0].dirs[0]").Set("dir_perms", Permissions(0x1FF, 0)),
        ["a file of the own cgroup, for all to write"] = groups =>
            groups.Child("controllers[0].dirs[0].properties[0]").Set("perms", Permissions(0x1B6, 0)),
        ["the caller's group, frozen"] = groups =>
        {
            groups.Set("sets[0].ctls[0].path", "/caller");
            Unified(groups).Set("dirs[0].dir_name", "caller").Set("dirs[0].properties[3].value", "1");
        },
    };

    public static TheoryData<string> Names => [.. Forgeries.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_forged_cgroup_is_always_refused(string name) =>
        Assert.Contains(Find(Forgeries[name]), finding => finding is { Rule: "image-cgroup", Allow: null });

    [Fact]
    public void Cgroups_of_CRIU_have_no_finding() => Assert.Empty(Find(_ => { }));

    [Fact]
    public void The_callers_group_beside_cgroup_v1_has_no_finding() => Assert.Empty(Find(groups =>
    {
        groups.Set("sets[0].ctls[0].path", "/user.slice/caller");
        Unified(groups).Set("dirs[0].dir_name", "user.slice/caller");
    }));

    // CRIU describes the whole hierarchy if the caller was in its root.
    [Fact]
    public void The_root_group_beside_cgroup_v1_has_no_finding() => Assert.Empty(Find(groups =>
    {
        groups.Set("sets[0].ctls[0].path", "/");
        Unified(groups).Set("dirs[0].dir_name", "").Child("dirs[0]")
            .Add("children", Folder("system.slice").Set("dir_perms", Permissions(0x1FD, 7)));
    }));

    [Theory]
    [InlineData("/stasis/ID", "/stasis/ID")]
    [InlineData("stasis/ID", "/stasis/ID")]
    [InlineData("", "/ID")]
    [InlineData("machine.slice:libpod:ID", "/machine.slice/libpod-ID.scope")]
    [InlineData("user-1000.slice:libpod:ID", "/user.slice/user-1000.slice/libpod-ID.scope")]
    [InlineData(":crio:ID", "/system.slice/crio-ID.scope")]
    [InlineData("-.slice:docker:ID", "/docker-ID.scope")]
    [InlineData("a-b-c.slice::ID.slice", "/a.slice/a-b.slice/a-b-c.slice/ID.slice")]
    [InlineData("/a/../ID", null)]
    [InlineData("../x.slice:libpod:ID", null)]
    [InlineData("a--b.slice:libpod:ID", null)]
    [InlineData("machine.slice:libpod:../ID", null)]
    [InlineData("/", null)]
    public void The_cgroup_of_a_cgroups_path(string path, string? cgroup) => Assert.Equal(cgroup, ContainerCgroups.GetPath(path, "ID"));

    [Fact]
    public void The_cgroup_of_systemds_manager_has_no_finding()
    {
        const string Real = "/machine.slice/libpod-" + Id + ".scope/container";
        var spec = GoldenImages.Spec;
        Assert.Empty(Find(
            groups =>
            {
                for (var i = 0; i < groups.Child("sets[0]").Count("ctls"); i++)
                    groups.Set($"sets[0].ctls[{i}].path", Real);
                for (var i = 0; i < groups.Count("controllers"); i++)
                    groups.Set($"controllers[{i}].dirs[0].dir_name", Real[1..]);
            },
            spec with { Linux = spec.Linux! with { CgroupsPath = $"machine.slice:libpod:{Id}" } }));
    }

    private static IReadOnlyList<Finding> Find(Action<ImageNode> change, OciSpec? spec = null)
    {
        var images = new GoldenImages();
        var groups = new ForgedRecords(images, "cgroup");
        change(groups.All[0]);
        groups.Write();
        return images.Verify(spec ?? GoldenImages.Spec, ProcessTreeImageRule.Check, CgroupImageRule.Check);
    }

    private static ImageNode Unified(ImageNode groups) => groups.Child($"controllers[{Enumerable
        .Range(0, groups.Count("controllers"))
        .First(index => groups.Text($"controllers[{index}].cnames[0]").Length == 0)}]");

    private static ImageNode Folder(string name) =>
        new ImageNode(Stasis.Engine.Criu.Images.ImageSchema.Message("cgroup_dir_entry")).Set("dir_name", name);

    private static ImageNode Permissions(uint mode, uint user) =>
        new ImageNode(Stasis.Engine.Criu.Images.ImageSchema.Message("cgroup_perms")).Set("mode", mode).Set("uid", user).Set("gid", user);
}
