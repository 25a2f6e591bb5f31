using System.Globalization;
using System.Text.Json;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>
/// Requires that processes are in the namespaces of the spec, and in no others. CRIU creates a namespace if
/// an ID differs from the host's in the inventory. With an ID changed to the host's, the container would be
/// restored into the host's namespace.
/// </summary>
internal static class NamespaceIdImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-namespace",
        Finds = "processes in the host's namespaces, or in others than the spec gives; user namespaces with other "
            + "mappings. Another hostname than the spec's: a warning",
    };

    // CRIU creates the cgroup namespace by cgroup.img, not by its ID: see CgroupImageRule.
    private static readonly (string Type, string Field, string[] Images)[] Types =
    [
        ("pid", "pid_ns_id", ["pidns-"]),
        ("network", "net_ns_id", ["netns-", "netdev-", "ifaddr-", "route-", "route6-", "rule-", "iptables-", "ip6tables-", "nftables-"]),
        ("ipc", "ipc_ns_id", ["ipcns-var-", "ipcns-shm-", "ipcns-msg-", "ipcns-sem-"]),
        ("uts", "uts_ns_id", ["utsns-"]),
        ("mount", "mnt_ns_id", ["mountpoints-"]),
        ("user", "user_ns_id", ["userns-"]),
        ("time", "time_ns_id", []),
    ];

    public static void Check(ImageVerification verification)
    {
        if (verification.HostNamespaces is not { } host || verification.Tasks.Count == 0
            || verification.Images.One(ImageKind.Get("ids-").File(verification.Tasks[0].Pid)) is not { } first)
            return;
        verification.Namespaces = first;
        foreach (var (type, field, _) in Types)
            CheckFirst(
                verification,
                type,
                $"{verification.Images.Where(ImageKind.Get("ids-").File(verification.Tasks[0].Pid))}: {field}",
                first.Number(field),
                host.Number(field));
        foreach (var task in verification.Tasks.Skip(1))
            CheckOther(verification, task, first, host);
        CheckImages(verification, first, host);
        CheckNames(verification, first);
        CheckUserMap(verification, first);
        CheckKey(verification, first);
        NetworkImageRule.Check(verification, first);
    }

    private static void CheckFirst(ImageVerification verification, string type, string where, ulong id, ulong host)
    {
        var wanted = verification.Allowed.Namespace(type) is not null;
        if (wanted && id == host)
            verification.Refuse(
                Rule,
                where,
                type,
                "the processes would be in the host's namespace, and the spec gives the container one of its own");
        // CRIU restores every container into a time namespace (criu/timens.c), so a container that was restored once has one.
        else if (!wanted && id != host && !(type == "time" && verification.Images.Has(ImageKind.Get("timens-").File(id))))
            verification.Refuse(Rule, where, type, "the processes would be in a namespace that the spec doesn't give the container");
    }

    // With CAP_SYS_ADMIN, a process can have created mount, network and other namespaces, which CRIU
    // restores. It doesn't restore nested PID and user namespaces.
    private static void CheckOther(ImageVerification verification, TaskNode task, ImageRecord first, ImageRecord host)
    {
        var file = ImageKind.Get("ids-").File(task.Pid);
        if (verification.Images.One(file) is not { } ids)
            return;
        foreach (var (type, field, _) in Types)
        {
            var id = ids.Number(field);
            if (id == first.Number(field))
                continue;
            // Of what exec started in a restored container. The engine puts it into the first one's: see TaskIdsImage.
            if (type == "time" && id == host.Number(field))
                continue;
            var nested = verification.Allowed.May("CAP_SYS_ADMIN") && type is not ("pid" or "user") && id != host.Number(field);
            if (!nested)
                verification.Refuse(
                    Rule,
                    $"{verification.Images.Where(file)}: {field}",
                    type,
                    "a process is in another namespace than the container's first one");
        }
    }

    private static void CheckImages(ImageVerification verification, ImageRecord first, ImageRecord host)
    {
        var known = new Dictionary<string, HashSet<ulong>>();
        foreach (var (_, field, _) in Types)
            known[field] = [first.Number(field)];
        foreach (var task in verification.Tasks.Skip(1))
        {
            if (verification.Images.One(ImageKind.Get("ids-").File(task.Pid)) is not { } ids)
                continue;
            foreach (var (_, field, _) in Types)
                known[field].Add(ids.Number(field));
        }
        foreach (var file in verification.Images.Files())
        {
            if (ImageKind.Find(file) is not { } found
                || Types.FirstOrDefault(type => type.Images.Contains(found.Kind.Name)) is not { Field: { } field })
                continue;
            if (found.Number == host.Number(field) || !known[field].Contains(found.Number))
                verification.Refuse(
                    Rule,
                    verification.Images.Where(file),
                    found.Number.ToString(CultureInfo.InvariantCulture),
                    "an image of a namespace that the container doesn't have");
        }
        (string Field, string Image)[] required = [("uts_ns_id", "utsns-"), ("ipc_ns_id", "ipcns-var-"), ("mnt_ns_id", "mountpoints-")];
        foreach (var (field, name) in required)
        {
            var needed = ImageKind.Get(name).File(first.Number(field));
            if (first.Number(field) != host.Number(field) && !verification.Images.Has(needed))
                verification.Refuse(Rule, verification.Images.Where(needed), needed, "the image of a namespace is missing");
        }
    }

    private static void CheckNames(ImageVerification verification, ImageRecord first)
    {
        var file = ImageKind.Get("utsns-").File(first.Number("uts_ns_id"));
        if (verification.Images.One(file) is not { } names)
            return;
        var where = verification.Images.Where(file);
        foreach (var field in (string[])["nodename", "domainname"])
        {
            if (names.Text(field).Length > 64)
                verification.Refuse(Rule, $"{where}: {field}", names.Text(field), "a name that is too long for the kernel");
        }
        if (verification.Allowed.Spec.Hostname is { } hostname && names.Text("nodename") != hostname
            && !verification.Allowed.May("CAP_SYS_ADMIN"))
            verification.Warn(Rule, $"{where}: nodename", names.Text("nodename"), $"another hostname than the spec's, {hostname}");
    }

    private static void CheckKey(ImageVerification verification, ImageRecord first)
    {
        var file = ImageKind.Get("pidns-").File(first.Number("pid_ns_id"));
        if (verification.Images.One(file) is not { } space || !space.Has("ext_key"))
            return;
        if (verification.Allowed.Namespace("pid") is not { Path.Length: > 0 } || space.Text("ext_key") != "extRootPidNS")
            verification.Refuse(
                Rule,
                $"{verification.Images.Where(file)}: ext_key",
                space.Text("ext_key"),
                "a PID namespace from outside that the spec doesn't have, or under a key that isn't the runtime's");
    }

    private static void CheckUserMap(ImageVerification verification, ImageRecord first)
    {
        var file = ImageKind.Get("userns-").File(first.Number("user_ns_id"));
        if (verification.Allowed.Namespace("user") is null || verification.Images.One(file) is not { } maps)
            return;
        foreach (var (field, name) in ((string, string)[])[("uid_map", "uidMappings"), ("gid_map", "gidMappings")])
        {
            var wanted = Mappings(verification.Allowed.Spec.Linux?.Unknown, name);
            var found = maps
                .Children(field)
                .Take(1024)
                .Select(map => (map.U32("first"), map.U32("lower_first"), map.U32("count")))
                .Order()
                .ToList();
            if (!found.SequenceEqual(wanted))
                verification.Refuse(
                    Rule,
                    $"{verification.Images.Where(file)}: {field}",
                    string.Join(" ", found),
                    $"other IDs of the host than the spec's {name}");
        }
    }

    private static List<(uint, uint, uint)> Mappings(IDictionary<string, JsonElement>? linux, string name)
    {
        if (linux?.TryGetValue(name, out var maps) != true)
            return [];
        return [.. SpecJson.Objects(maps).Select(map => (Number(map, "containerID"), Number(map, "hostID"), Number(map, "size"))).Order()];

        static uint Number(JsonElement map, string field) => (uint)Math.Min(SpecJson.Number(map, field) ?? 0, uint.MaxValue);
    }
}

internal static partial class NamespaceImageCheckList
{
    internal static readonly ImageCheck Namespace = Add(new(50, NamespaceIdImageRule.Check, NamespaceIdImageRule.Rule));
}
