using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>
/// Requires that processes are in the container's own cgroups, and that CRIU writes nothing but saved limits
/// there. In cgroup.img, a path says where CRIU creates folders as root, and a name which file it writes in
/// them.
/// </summary>
internal static class CgroupImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-cgroup",
        Finds = "cgroups outside the container's own, files in them that CRIU doesn't save, values that make the "
            + "kernel run a program",
    };

    private const int MostFolders = 100_000, Deepest = 64;

    // Files that CRIU saves of each controller, and of every cgroup (criu/cgroup-props.c).
    private static readonly HashSet<string> Properties =
    [
        "blkio.weight", "cpu.cfs_period_us", "cpu.cfs_quota_us", "cpu.rt_period_us", "cpu.rt_runtime_us",
        "cpu.shares", "cpuset.cpu_exclusive", "cpuset.cpus", "cpuset.mem_exclusive", "cpuset.mem_hardwall",
        "cpuset.memory_migrate", "cpuset.memory_spread_page", "cpuset.memory_spread_slab", "cpuset.mems",
        "cpuset.sched_load_balance", "cpuset.sched_relax_domain_level", "devices.list", "freezer.state",
        "memory.kmem.limit_in_bytes", "memory.kmem.tcp.limit_in_bytes", "memory.limit_in_bytes",
        "memory.memsw.limit_in_bytes", "memory.move_charge_at_immigrate", "memory.oom_control",
        "memory.soft_limit_in_bytes", "memory.swappiness", "memory.use_hierarchy", "net_cls.classid",
        "net_prio.ifpriomap", "pids.max", "cgroup.clone_children", "notify_on_release", "cgroup.procs", "tasks",
        "cgroup.subtree_control", "cgroup.max.descendants", "cgroup.max.depth", "cgroup.freeze", "cgroup.type",
    ];

    // Another value of these would have the kernel run a program of the host, or move processes.
    private static readonly Dictionary<string, string> Fixed = new() { ["notify_on_release"] = "0", ["cgroup.procs"] = "", ["tasks"] = "" };

    public static void Check(ImageVerification verification)
    {
        var file = ImageKind.Get("cgroup").TheFile;
        if (verification.Images.One(file) is not { } cgroups)
        {
            if (verification.NeedsCgroupNamespace)
                verification.Refuse(
                    Rule,
                    verification.Images.Where(file),
                    "",
                    "the host's cgroups would be mounted, as nothing says which are the container's");
            return;
        }
        var own = "/" + (verification.Allowed.Spec.Linux?.CgroupsPath ?? "").TrimStart('/');
        var sets = cgroups.Children("sets").ToList();
        // On a host with cgroup v1, runtimes don't use v2, and its path is that of the runtime's caller.
        var hybrid = sets.SelectMany(set => set.Children("ctls")).Any(member => member.Text("name").Length > 0);
        var ids = new HashSet<uint>();
        foreach (var set in sets)
        {
            ids.Add(set.U32("id"));
            foreach (var member in set.Children("ctls"))
                CheckMember(verification, $"{verification.Images.Where(file)}: sets[{ids.Count - 1}]", member, own, hybrid);
        }
        foreach (var controller in cgroups.Children("controllers"))
            CheckController(verification, verification.Images.Where(file), controller, own, hybrid);
        CheckTasks(verification, ids);
    }

    private static void CheckMember(ImageVerification verification, string where, ImageRecord member, string own, bool hybrid)
    {
        var (name, path) = (member.Text("name"), member.Text("path"));
        if (!IsOwn(path, own) && !(hybrid && name.Length == 0 && ImagePaths.IsPlain(path)))
            verification.Refuse(Rule, where, $"{name}:{path}", $"a cgroup that is not the container's own, {own}");
        if (verification.NeedsCgroupNamespace && (!member.Has("cgns_prefix")
            || !IsOwn(path[..Math.Min(path.Length, (int)Math.Min(member.U32("cgns_prefix"), int.MaxValue))], own)) && name.Length > 0)
            verification.Refuse(
                Rule,
                $"{where}: cgns_prefix",
                $"{name}:{path}",
                "the container would see more of the host's cgroups than its own");
        if (member.Has("cgns_prefix") && member.U32("cgns_prefix") > path.Length)
            verification.Refuse(
                Rule,
                $"{where}: cgns_prefix",
                Text(member.U32("cgns_prefix")),
                "it is longer than the path that it is a part of");
        if (member.Has("cgns_prefix") && verification.Allowed.Namespace("cgroup") is null)
            verification.Refuse(Rule, $"{where}: cgns_prefix", path, "CRIU would make a cgroup namespace, and the spec has none");
    }

    private static void CheckController(ImageVerification verification, string where, ImageRecord controller, string own, bool hybrid)
    {
        string[] names = [.. controller.Texts("cnames")];
        if (names.Length is 0 or > 32
            || names.Any(name => !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '=' or '-' or '.') || name.Length > 64))
            verification.Refuse(Rule, $"{where}: controllers", string.Join(",", names), "no name of a controller");
        var unified = names is [""] && hybrid;
        var open = new Stack<(ImageRecord Folder, string Parent, int Depth)>(controller.Children("dirs").Select(folder => (folder, "", 0)));
        for (var count = 0; open.TryPop(out var next); count++)
        {
            var path = $"{next.Parent}/{next.Folder.Text("dir_name")}";
            if (count == MostFolders || next.Depth == Deepest)
            {
                verification.Refuse(Rule, where, Text((uint)count), "so many cgroups no container has");
                return;
            }
            // The root of a hierarchy has an empty name, and CRIU writes nothing into it.
            if (path == "/" ? next.Folder.Has("properties") && !unified : !IsOwn(path, own) && !(unified && ImagePaths.IsPlain(path)))
                verification.Refuse(
                    Rule,
                    $"{where}: controllers",
                    $"{string.Join(",", names)}:{path}",
                    $"a cgroup that is not the container's own, {own}");
            foreach (var property in next.Folder.Children("properties"))
                CheckProperty(verification, $"{where}: {path}", property);
            foreach (var child in next.Folder.Children("children"))
                open.Push((child, path == "/" ? "" : path, next.Depth + 1));
        }
    }

    private static void CheckProperty(ImageVerification verification, string where, ImageRecord property)
    {
        var (name, value) = (property.Text("name"), property.Text("value"));
        if (!Properties.Contains(name))
            verification.Refuse(Rule, where, $"{name}={value}", "not a limit that CRIU saves");
        else if (Fixed.TryGetValue(name, out var only) && value != only)
            verification.Refuse(Rule, where, $"{name}={value}", "a value that no container's cgroup has");
        else if (name == "devices.list")
            CheckDevices(verification, where, value);
    }

    // runc's and crun's rules for every container: any node may be created, the default devices may be used
    // (opencontainers/runc libcontainer/specconv).
    private static void CheckDevices(ImageVerification verification, string where, string value)
    {
        var allowed = new AllowedDevices(verification.Allowed.Spec);
        foreach (var line in value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!allowed.Has(line))
                verification.Refuse(DeviceList.Rule, where, line, "a device that the spec doesn't allow");
        }
    }

    private static void CheckTasks(ImageVerification verification, HashSet<uint> sets)
    {
        foreach (var task in verification.Tasks)
        {
            foreach (var thread in task.Threads)
            {
                var core = ImageKind.Get("core-").File(thread);
                if (verification.Images.One(core) is not { } record)
                    continue;
                foreach (var part in (string[])["tc", "thread_core"])
                {
                    if (record.Child(part) is { } child && child.Has("cg_set") && !sets.Contains(child.U32("cg_set")))
                        verification.Refuse(
                            Rule,
                            $"{verification.Images.Where(core)}: {part}.cg_set",
                            Text(child.U32("cg_set")),
                            "a set of cgroups that is not there: CRIU would leave the process in its own");
                }
            }
        }
    }

    private static bool IsOwn(string path, string own) => own.Length > 1 && ImagePaths.IsPlain(path) && ImagePaths.IsWithin(path, own);

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class NamespaceImageRules
{
    internal static readonly ImageCheck Cgroup = Add(new(80, CgroupImageRule.Check, CgroupImageRule.Rule));
}
