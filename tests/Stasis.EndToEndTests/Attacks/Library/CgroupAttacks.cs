using System.Text.Json.Nodes;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>CRIU's cgroup image: groups that CRIU makes, changes and moves tasks to.</summary>
internal static class CgroupAttacks
{
    private const string Unified = ""; // cgroup2 has no controller that names it

    public static IReadOnlyList<Attack> All { get; } =
    [
        Create(
            "new-group",
            "groups on the host",
            isTypical: true,
            archive => Add(archive, Unified, Folder(archive.Target.NewCgroup).Add("children", Folder("deep")))),
        Create(
            "group-of-others-given-away",
            "a group of the host gets another owner",
            isTypical: false,
            archive => Add(archive, Unified, Folder(archive.Target.Cgroup).Set("dir_perms", Permissions(0x1FF, 65534)))),
        Create(
            "group-of-others-frozen",
            "the processes of a group of the host are frozen",
            isTypical: false,
            archive => Add(archive, Unified, Folder(archive.Target.Cgroup).Add("properties",
                new EditableRecord("cgroup_prop_entry")
                    .Set("name", "cgroup.freeze").Set("value", "1").Set("perms", Permissions(0x1A4, 0))))),
        Create(
            "tasks-in-group-of-others",
            "the container's tasks are in a group of the host, out of their limits",
            isTypical: true,
            archive => Change(archive, cgroup =>
            {
                var sets = cgroup.Children("sets");
                cgroup.Remove("sets");
                foreach (var set in sets)
                {
                    var controllers = set.Children("ctls");
                    set.Remove("ctls");
                    foreach (var controller in controllers)
                    {
                        if (controller.Record.Text("name").Length == 0)
                            controller.Set("path", "/" + archive.Target.Cgroup);
                        set.Add("ctls", controller);
                    }
                    cgroup.Add("sets", set);
                }
            })),
        Create(
            "sub-group-of-others-given-away",
            "a group in a group of the host, of another owner",
            isTypical: false,
            archive => Add(archive, Unified, Folder(archive.Target.Cgroup + "/sub").Set("dir_perms", Permissions(0x1FF, 65534)))),
        Create(
            "own-group-given-away",
            "the container's own group gets another owner",
            isTypical: false,
            archive =>
            {
                var id = JsonNode.Parse(archive["config.dump"])!["id"]!.GetValue<string>();
                Add(archive, "pids", Folder("stasis/" + id).Set("dir_perms", Permissions(0x1FF, 65534)));
            }),
    ];

    private static Attack Create(string name, string aim, bool isTypical, Action<HostileArchive> make) =>
        new() { Name = name, Kind = AttackKind.Cgroups, Aim = aim, IsTypical = isTypical, Make = make };

    private static void Change(HostileArchive archive, Action<EditableRecord> change) =>
        archive.Image("cgroup.img", records => change(records[0]));

    private static void Add(HostileArchive archive, string controller, EditableRecord folder) => Change(archive, cgroup =>
        cgroup.Add("controllers", new EditableRecord("cg_controller_entry").Add("cnames", controller).Add("dirs", folder)));

    private static EditableRecord Folder(string name) => new EditableRecord("cgroup_dir_entry").Set("dir_name", name);

    private static EditableRecord Permissions(int mode, int owner) =>
        new EditableRecord("cgroup_perms").Set("mode", mode).Set("uid", owner).Set("gid", owner);
}
