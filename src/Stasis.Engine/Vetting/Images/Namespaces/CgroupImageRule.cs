using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>
/// Requires that processes are in the container's own cgroups, and that cgroup.img has nothing but saved limits of these. A restore uses
/// nothing of it (manage-cgroups=ignore); otherwise, a path would say where CRIU creates folders as root, and a name which file it writes
/// in them.
/// </summary>
internal static class CgroupImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-cgroup",
        Finds = "cgroups outside the container's own, with other owners or modes, files in them that CRIU doesn't save, values that "
            + "make the kernel run a program; beside cgroup v1, a cgroup2 group with other than initial values",
    };

    private const int MaxFolders = 100_000, Deepest = 64, MaxCallers = 16;

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

    // Values that a group of cgroup2 has from the beginning.
    private static readonly Dictionary<string, string> Initial = new()
    {
        ["cgroup.max.descendants"] = "max",
        ["cgroup.max.depth"] = "max",
        ["cgroup.freeze"] = "0",
    };

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
        var spec = verification.Allowed.Spec;
        if (ContainerCgroups.GetPath(spec.Linux?.CgroupsPath, verification.Allowed.Config.Id) is not { } own)
        {
            verification.Refuse(Rule, "spec.dump: linux.cgroupsPath", spec.Linux!.CgroupsPath!, "no cgroup of a container");
            return;
        }
        var sets = cgroups.Children("sets").Take(MaxFolders).ToList();
        // On a host with cgroup v1, runtimes don't use v2, and its path is that of the runtime's caller.
        var hybrid = sets.SelectMany(set => set.Children("ctls")).Any(member => member.Text("name").Length > 0);
        var callers = hybrid ? FindCallers(sets) : [];
        var ids = new HashSet<uint>();
        foreach (var set in sets)
        {
            ids.Add(set.U32("id"));
            foreach (var member in set.Children("ctls"))
                CheckMember(verification, $"{verification.Images.Where(file)}: sets[{ids.Count - 1}]", member, own, callers);
        }
        foreach (var controller in cgroups.Children("controllers"))
            CheckController(verification, verification.Images.Where(file), controller, own, callers);
        foreach (var caller in callers.Where(caller => !IsBelow(caller, own) && !HasFolder(cgroups, caller)).Take(1))
            verification.Refuse(
                Rule,
                $"{verification.Images.Where(file)}: sets",
                caller,
                "a group of cgroup2 that the image doesn't describe");
        CheckTasks(verification, ids);
    }

    private static bool HasFolder(ImageRecord cgroups, string path) => path == "/" || cgroups.Children("controllers")
        .Where(controller => controller.Texts("cnames").SequenceEqual([""]))
        .SelectMany(controller => controller.Children("dirs"))
        .Any(folder => ImagePathSyntax.IsWithin(path, "/" + folder.Text("dir_name")));

    // On a host with cgroup v1 and a cgroup2 hierarchy beside it, processes are in the group of cgroup2 that the engine was in which
    // created the container, or had it execute something.
    private static HashSet<string> FindCallers(IEnumerable<ImageRecord> sets) =>
    [
        .. sets
            .SelectMany(set => set.Children("ctls"))
            .Where(member => member.Text("name").Length == 0)
            .Select(member => member.Text("path"))
            .Where(ImagePathSyntax.IsPlain)
            .Distinct()
            .Take(MaxCallers),
    ];

    private static void CheckMember(ImageVerification verification, string where, ImageRecord member, string own, HashSet<string> callers)
    {
        var (name, path) = (member.Text("name"), member.Text("path"));
        if (!IsBelow(path, own) && !(name.Length == 0 && callers.Contains(path)))
            verification.Refuse(Rule, where, $"{name}:{path}", $"a cgroup that is not the container's own, {own}");
        if (verification.NeedsCgroupNamespace && (!member.Has("cgns_prefix")
            || !IsBelow(path[..Math.Min(path.Length, (int)Math.Min(member.U32("cgns_prefix"), int.MaxValue))], own)) && name.Length > 0)
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

    private static void CheckController(
        ImageVerification verification,
        string where,
        ImageRecord controller,
        string own,
        HashSet<string> callers)
    {
        string[] names = [.. controller.Texts("cnames")];
        if (names.Length is 0 or > 32
            || names.Any(name => !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '=' or '-' or '.') || name.Length > 64))
            verification.Refuse(Rule, $"{where}: controllers", string.Join(",", names), "no name of a controller");
        var unified = names is [""];
        var open = new Stack<(ImageRecord Folder, string Parent, int Depth)>(
            controller.Children("dirs").Take(MaxFolders + 1).Select(folder => (folder, "", 0)));
        for (var count = 0; open.TryPop(out var next); count++)
        {
            var path = $"{next.Parent}/{next.Folder.Text("dir_name")}";
            if (count + open.Count >= MaxFolders || next.Depth == Deepest)
            {
                verification.Refuse(Rule, where, Text((uint)count), "so many cgroups no container has");
                return;
            }
            // CRIU describes all groups beneath it, too: those of the whole host if the engine was in the root.
            var isCaller = unified && callers.Any(caller => ImagePathSyntax.IsWithin(path, caller));
            // The root of a hierarchy has an empty name, and CRIU writes nothing into it.
            if (!isCaller && (path == "/" ? next.Folder.Has("properties") : !IsBelow(path, own)))
                verification.Refuse(
                    Rule,
                    $"{where}: controllers",
                    $"{string.Join(",", names)}:{path}",
                    $"a cgroup that is not the container's own, {own}");
            if (!isCaller)
                CheckPermissions(verification, $"{where}: {path}", next.Folder.Child("dir_perms"));
            foreach (var property in next.Folder.Children("properties"))
            {
                CheckProperty(verification, $"{where}: {path}", property);
                // CRIU doesn't set those of freezer.state before it writes them (criu/cgroup.c: add_freezer_state).
                if (!isCaller && property.Text("name") != "freezer.state")
                    CheckPermissions(verification, $"{where}: {path}/{property.Text("name")}", property.Child("perms"));
                if (unified && callers.Contains(path) && !IsBelow(path, own)
                    && Initial.TryGetValue(property.Text("name"), out var initial) && property.Text("value") != initial)
                    verification.Refuse(
                        Rule,
                        $"{where}: {path}",
                        $"{property.Text("name")}={property.Text("value")}",
                        "a limit in a cgroup that is not the container's own");
            }
            foreach (var child in next.Folder.Children("children").Take(MaxFolders))
                open.Push((child, path == "/" ? "" : path, next.Depth + 1));
        }
    }

    // A container that can write to its cgroups can have given them to any of its users.
    private static void CheckPermissions(ImageVerification verification, string where, ImageRecord? permissions)
    {
        const uint WritableByOthers = 0x12, Special = 0xE00; // 0022, 07000
        if (permissions is { } found && !ContainerCgroups.MayChange(verification.Allowed.Spec)
            && (found.U32("uid") != 0 || found.U32("gid") != 0 || (found.U32("mode") & (WritableByOthers | Special)) != 0))
            verification.Refuse(
                Rule,
                where,
                $"{found.U32("uid")}:{found.U32("gid")} {Convert.ToString(found.U32("mode"), 8)}",
                "a cgroup, or a file in it, that others than root could write to");
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
        var allowed = new AllowedDeviceCgroupLines(verification.Allowed.Spec);
        foreach (var line in value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!allowed.Has(line))
                verification.Refuse(AllowedDeviceNodes.Rule, where, line, "a device that the spec doesn't allow");
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

    private static bool IsBelow(string path, string own) =>
        own.Length > 1 && ImagePathSyntax.IsPlain(path) && ImagePathSyntax.IsWithin(path, own);

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class NamespaceImageCheckList
{
    internal static readonly ImageCheck Cgroup = Add(new(80, CgroupImageRule.Check, CgroupImageRule.Rule));
}
