using System.Text;
using System.Text.Json.Nodes;
using Stasis.Engine.Formats.Tar;

namespace Stasis.EndToEndTests.Vetting;

/// <summary>
/// An archive that asks for something: how it is forged, what the refusal names, and the flag that allows it, if one does.
/// </summary>
public sealed record Forged(string Name, Action<Forgery> Change, string Says, string? Allow);

/// <summary>Hostile archives, by what they ask for.</summary>
public static class Corpus
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    public static IReadOnlyList<Forged> All { get; } =
    [
        // Mounts.
        new("mount", f => f.Mount("bind", "/srv/data", "/data", "rbind", "ro"), "mount /srv/data:/data:ro", "mount:/srv/data:ro"),
        new("mount-root", f => f.Mount("bind", "/", "/host", "rbind"), "mount /:/host:rw", "mount:/:rw"),
        new(
            "mount-rw-after-ro",
            f => f.Mount("bind", "/srv/data", "/data", "ro", "rbind", "rw"),
            "mount /srv/data:/data:rw",
            "mount:/srv/data:rw"),
        new("mount-as-tmpfs", f => f.Mount("tmpfs", "/etc", "/data", "rbind"), "mount /etc:/data:rw", "mount:/etc:rw"),
        new("mount-climbing", f => f.Mount("bind", "/srv/../etc", "/data", "rbind"), "mount /srv/../etc:/data:rw", null),
        new("mount-relative", f => f.Mount("bind", "../../etc", "/data", "rbind"), "mount ../../etc:/data:rw", null),
        new("mount-destination", f => f.Mount("tmpfs", "tmpfs", "/data/../../etc"), "mount /data/../../etc", null),
        new(
            "mount-docker-socket",
            f => f.Mount("bind", "/run/docker.sock", "/run/docker.sock", "bind"),
            "mount /run/docker.sock",
            "mount:/run/docker.sock:rw"),
        new("mount-almost-hosts", f => f.Mount("bind", "/etc/shadow", "/etc//hosts", "bind"), "mount /etc//hosts", null),
        new(
            "mount-writable-init",
            f => f.Mount("bind", "/bin/sh", "/run/podman-init", "bind", "rw"),
            "mount /bin/sh:/run/podman-init:rw",
            "mount:/bin/sh:rw"),
        new(
            "mount-quoted",
            f => f.Mount("bind", "/srv/a'; touch x; '", "/data", "rbind", "ro"),
            @"--allow 'mount:/srv/a'\''; touch x; '\'':ro'",
            "mount:/srv/a'; touch x; ':ro"),
        new(
            "mount-control",
            f => f.Mount("bind", "/srv/a\nallowed", "/data", "rbind", "ro"),
            @"mount /srv/a\u000aallowed:/data:ro",
            "mount:/srv/a\nallowed:ro"),
        new("mount-proc", f => f.Mount("proc", "proc", "/proc2"), "mount-type proc:proc:/proc2", "mount-type:proc:proc:/proc2"),
        new("mount-sysfs", f => f.Mount("sysfs", "sysfs", "/sys2", "ro"), "mount-type sysfs:sysfs:/sys2", "mount-type:sysfs:sysfs:/sys2"),
        new(
            "mount-overlay",
            f => f.Mount("overlay", "overlay", "/data", "lowerdir=/etc:/srv"),
            "lowerdir=/etc:/srv",
            "mount-option:/data:lowerdir=/etc:/srv"),
        new("mount-disk", f => f.Mount("ext4", "/dev/sda1", "/data"), "mount-type ext4:/dev/sda1:/data", "mount-type:ext4:/dev/sda1:/data"),
        new("mount-fuse", f => f.Mount("fuse", "evil", "/data", "fd=3"), "mount-type fuse:evil:/data", "mount-type:fuse:evil:/data"),
        new(
            "mount-shared",
            f => f.MountAt("/proc")["options"]!.AsArray().Add("rshared"),
            "mount-option rshared",
            "mount-option:/proc:rshared"),
        new("mount-sys-writable", f => f.MountAt("/sys")["options"] = Forgery.Texts("nosuid"), "mount-option rw", "mount-option:/sys:rw"),
        new(
            "mount-cgroup-writable",
            f => f.MountAt("/sys/fs/cgroup")["options"] = Forgery.Texts("rw"),
            "mount-option rw",
            "mount-option:/sys/fs/cgroup:rw"),
        new(
            "mount-idmapped",
            f => f.MountAt("/proc")["uidMappings"] = Mapping(),
            "field",
            "field:mounts[0].uidMappings=[{\"containerID\":0,\"hostID\":0,\"size\":1}]"),
        new("rootfs-propagation", f => f.Linux["rootfsPropagation"] = "shared", "rootfs-propagation shared", "rootfs-propagation:shared"),

        // The host's names, addresses and ports.
        new(
            "port",
            f => f.Config["newPortMappings"] = new JsonArray(Port("", 18080)),
            "port 18080 (config.dump: newPortMappings[0]): a port of this host, on all of its addresses",
            "port:18080"),
        new("port-of-address", f => f.Config["newPortMappings"] = new JsonArray(Port("127.0.0.1", 18081)), "port 127.0.0.1:18081",
            "port:127.0.0.1:18081"),
        new("port-of-no-address", f => f.Config["newPortMappings"] = new JsonArray(Port("nowhere", 18082)), "it is no IP address", null),
        new("interface-name", f => f.Config["newNetworks"] = Attached("interface_name", "../../x"), "network-value ../../x", null),
        new("interface-lo", f => f.Config["newNetworks"] = Attached("interface_name", "lo"), "network-value lo", null),
        new("mac-group", f => f.Config["newNetworks"] = Attached("static_mac", "ff:ff:ff:ff:ff:ff"), "network-value ff:ff", null),
        new("hosts", f => f.Config["hostsAdd"] = Forgery.Texts("x\ny:1.2.3.4"), @"network-value x\u000ay:1.2.3.4", null),
        new("direction", f => f.Config["dnsSearch"] = Forgery.Texts("a \u202eb"), @"network-value a \u202eb", null),
        new(
            "registry",
            f => (f.Config["rootfsImageName"], f.Config["rootfsImageID"]) = ("registry.invalid/x/y:1", ""),
            "registry registry.invalid/x/y:1",
            "registry:registry.invalid/x/y"),
        new(
            "transport",
            f => (f.Config["rootfsImageName"], f.Config["rootfsImageID"]) = ("dir:/etc", ""),
            "image dir:/etc",
            null),
        new("stop-signal", f => f.Config["stopSignal"] = 4294967295, "value 4294967295 (config.dump: stopSignal)", null),
        new("shm-size", f => f.Config["shmSize"] = -1, "value -1 (config.dump: shmSize)", null),
        new("user", f => f.Config["user"] = "a:b:c:d", "value a:b:c:d (config.dump: user)", null),

        // Namespaces.
        new("ns-pid", f => f.Without("namespaces", Type("pid")), "shares the host's pid namespace", "ns:pid=host"),
        new("ns-ipc", f => f.Without("namespaces", Type("ipc")), "shares the host's ipc namespace", "ns:ipc=host"),
        new("ns-uts", f => f.Without("namespaces", Type("uts")), "shares the host's uts namespace", "ns:uts=host"),
        new("ns-mount", f => f.Without("namespaces", Type("mount")), "shares the host's mount namespace", "ns:mount=host"),
        new("ns-network", f => f.Without("namespaces", Type("network")), "shares the host's network namespace", "ns:network=host"),
        new("ns-joined", f => Namespace(f, "pid")["path"] = "/proc/1/ns/pid", "ns /proc/1/ns/pid", "ns:pid=/proc/1/ns/pid"),
        new(
            "ns-network-joined",
            f => { f.Config["createNetNS"] = false; Namespace(f, "network")["path"] = "/proc/1/ns/net"; },
            "ns /proc/1/ns/net",
            null),
        new("ns-of-container", f => f.Config["pidNsCtr"] = Id, $"ns {Id}", null),
        new("ns-unknown", f => f.Linux["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "quantum" }), "ns quantum", null),
        new(
            "ns-user",
            f => f.Linux["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "user" }),
            "a user namespace without mappings",
            "idmap:none"),
        new("idmap", f => f.Linux["uidMappings"] = Mapping(), "idmap 0:0:1", "idmap:uid=0:0:1"),

        // Privileges.
        new("privileged", f => f.Config["privileged"] = true, "privileged true", "privileged"),
        new("privileged-annotation", f => f.Annotate("io.podman.annotations.privileged", "TRUE"), "privileged true", "privileged"),
        new("cap-bounding", f => f.Capability("bounding", "CAP_SYS_ADMIN"), "the capability CAP_SYS_ADMIN", "cap:SYS_ADMIN"),
        new("cap-effective", f => f.Capability("effective", "CAP_NET_ADMIN"), "the capability CAP_NET_ADMIN", "cap:NET_ADMIN"),
        new("cap-permitted", f => f.Capability("permitted", "CAP_SYS_PTRACE"), "the capability CAP_SYS_PTRACE", "cap:SYS_PTRACE"),
        new("cap-inheritable", f => f.Capability("inheritable", "CAP_SYS_MODULE"), "the capability CAP_SYS_MODULE", "cap:SYS_MODULE"),
        new("cap-ambient", f => f.Capability("ambient", "CAP_CHOWN"), "keep CAP_CHOWN without being root", "ambient-cap:CHOWN"),
        new("seccomp-none", f => f.Linux.Remove("seccomp"), "seccomp unconfined", "seccomp:unconfined"),
        new(
            "seccomp-default",
            f => f.Linux["seccomp"]!["defaultAction"] = "SCMP_ACT_ALLOW",
            "seccomp SCMP_ACT_ALLOW",
            "seccomp:default=SCMP_ACT_ALLOW"),
        new("seccomp-bpf", f => Syscall(f, "bpf"), "it lets bpf pass", "seccomp:bpf"),
        new("seccomp-log", f => Syscall(f, "kexec_load", "SCMP_ACT_LOG"), "it lets kexec_load pass", "seccomp:kexec_load"),
        new(
            "seccomp-listener",
            f => f.Linux["seccomp"]!["listenerPath"] = "/run/evil.sock",
            "linux.seccomp.listenerPath",
            "seccomp:listenerPath=\"/run/evil.sock\""),
        new(
            "seccomp-flags",
            f => f.Linux["seccomp"]!["flags"] = Forgery.Texts("SECCOMP_FILTER_FLAG_SPEC_ALLOW"),
            "linux.seccomp.flags",
            "seccomp:flags=[\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"]"),
        new("apparmor", f => f.Process["apparmorProfile"] = "unconfined", "apparmor unconfined", "apparmor:unconfined"),
        new(
            "selinux",
            f => f.Process["selinuxLabel"] = "system_u:system_r:spc_t:s0",
            "selinux system_u:system_r:spc_t:s0",
            "selinux:system_u:system_r:spc_t:s0"),
        new(
            "selinux-files",
            f => f.Linux["mountLabel"] = "system_u:object_r:etc_t:s0",
            "selinux system_u:object_r:etc_t:s0",
            "selinux:mount=system_u:object_r:etc_t:s0"),
        new("unmasked", f => f.Without("maskedPaths", Text("/proc/kcore")), "sees the host's /proc/kcore", "unmasked-path:/proc/kcore"),
        new("writable", f => f.Without("readonlyPaths", Text("/proc/sys")), "may write to the host's /proc/sys", "writable-path:/proc/sys"),

        // Devices.
        new("device", f => f.Linux["devices"] = new JsonArray(Device("/dev/sda", "b", 8, 0)), "device /dev/sda b:8:0", "device:b:8:0"),
        new(
            "device-access",
            f => Rule(f, """{"allow":true,"type":"b","major":8,"minor":0,"access":"rw"}"""),
            "device b:8:0 rw",
            "device:b:8:0:rw"),
        new("device-all", f => Rule(f, """{"allow":true,"access":"rwm"}"""), "device a:*:* rwm", "device:a:*:*:rwm"),
        new("device-none-denied", f => f.Linux["resources"]!["devices"] = new JsonArray(), "no rule denies", "device:a:*:*:rwm"),
        new(
            "device-other-letters",
            f => Rule(f, """{"allow":false,"Allow":true,"type":"b","access":"rwm"}"""),
            "a device rule that isn't as rules are",
            null),
        new("device-node", f => f.Rootfs(Node(TarEntryType.BlockDevice, 8, 0)), "rootfs-diff.tar: dev/disk", "device-node:b:8:0"),
        new("cdi", f => f.Config["cdiDevices"] = Forgery.Texts("vendor.com/gpu=all"), "cdi vendor.com/gpu=all", "cdi:vendor.com/gpu=all"),

        // Programs and settings of the host.
        new("hook", f => f.Spec["hooks"] = Hooks("prestart"), "hooks.prestart", null),
        new("hook-poststop", f => f.Spec["hooks"] = Hooks("poststop"), "hooks.poststop", null),
        new(
            "hook-in-config",
            f => f.Config["spec"] = new JsonObject { ["hooks"] = Hooks("createRuntime") },
            "config.dump: spec.hooks.createRuntime",
            null),
        new("hook-other-letters", f => f.Spec["Hooks"] = Hooks("prestart"), "spec.dump: Hooks", null),
        new("runtime", f => f.Config["runtime"] = "/tmp/evil", "runtime /tmp/evil", null),
        new(
            "criu-config",
            f => f.Annotate("org.criu.config", "/tmp/criu.conf"),
            "annotation org.criu.config=/tmp/criu.conf",
            "annotation:org.criu.config=/tmp/criu.conf"),
        new(
            "criu-config-in-key",
            f => f.Annotate("org.criu.config=/tmp/criu.conf", ""),
            "annotation org.criu.config=/tmp/criu.conf=",
            "annotation:org.criu.config=/tmp/criu.conf="),
        new("bundle-annotation", f => f.Annotate("bundle", "/tmp/evil"), "annotation bundle=/tmp/evil", "annotation:bundle=/tmp/evil"),
        new("label-annotation", f => f.Annotate("bundle=/tmp/evil", ""), "annotation bundle=/tmp/evil=", "annotation:bundle=/tmp/evil="),
        new(
            "crun-annotation",
            f => f.Annotate("run.oci.hooks.stdout", "/etc/passwd"),
            "annotation run.oci.hooks.stdout=/etc/passwd",
            "annotation:run.oci.hooks.stdout=/etc/passwd"),
        new(
            "crun-seccomp-annotation",
            f => f.Annotate("run.oci.seccomp_bpf_data", "AAAA"),
            "annotation run.oci.seccomp_bpf_data=AAAA",
            "annotation:run.oci.seccomp_bpf_data=AAAA"),
        new(
            "systemd-property",
            f => f.Annotate("org.systemd.property.ExecStopPost", "'/bin/evil'"),
            "annotation org.systemd.property.ExecStopPost",
            "annotation:org.systemd.property.ExecStopPost='/bin/evil'"),
        new(
            "cdi-annotation",
            f => f.Annotate("cdi.k8s.io/x", "vendor.com/gpu=0"),
            "annotation cdi.k8s.io/x",
            "annotation:cdi.k8s.io/x=vendor.com/gpu=0"),
        new(
            "sysctl",
            f => f.Linux["sysctl"] = new JsonObject { ["kernel.core_pattern"] = "|/tmp/evil" },
            "sysctl kernel.core_pattern=|/tmp/evil",
            "sysctl:kernel.core_pattern=|/tmp/evil"),
        new("cgroup-parent", f => f.Config["cgroupParent"] = "/", "cgroup /", "cgroup:/"),
        new("cgroup-path", f => f.Linux["cgroupsPath"] = "/../../system.slice", "cgroup /../../system.slice", "cgroup:/../../system.slice"),
        new("resource-pids", f => f.Resource("pids", "limit", 1_000_000), "resource pids.limit=1000000", "resource:pids.limit=1000000"),
        new(
            "resource-unified",
            f => f.Resource("unified", "memory.min", "1000000000"),
            "resource unified.memory.min=1000000000",
            "resource:unified.memory.min=1000000000"),
        new(
            "resource-oom",
            f => f.Resource("memory", "disableOOMKiller", true),
            "resource memory.disableOOMKiller=true",
            "resource:memory.disableOOMKiller=true"),
        new(
            "resource-realtime",
            f => f.Resource("cpu", "realtimeRuntime", 950_000),
            "resource cpu.realtimeRuntime=950000",
            "resource:cpu.realtimeRuntime=950000"),
        new("resource-shares", f => f.Resource("cpu", "shares", 262_144), "resource cpu.shares=262144", "resource:cpu.shares=262144"),
        new("resource-class", f => f.Resource("network", "classID", 1), "resource network.classID=1", "resource:network.classID=1"),
        new(
            "rlimit",
            f => f.Process["rlimits"]!.AsArray().Add(JsonNode.Parse("""{"type":"RLIMIT_RTPRIO","hard":99,"soft":99}""")),
            "rlimit RTPRIO=99:99",
            "rlimit:RTPRIO=99:99"),
        new("oom-score", f => f.Process["oomScoreAdj"] = -1000, "oom-score -1000", "oom-score:-1000"),
        new(
            "personality",
            f => f.Linux["personality"] = JsonNode.Parse("""{"domain":"LINUX","flags":["ADDR_NO_RANDOMIZE"]}"""),
            "linux.personality",
            "personality:{\"domain\":\"LINUX\",\"flags\":[\"ADDR_NO_RANDOMIZE\"]}"),
        new(
            "rdt",
            f => f.Linux["intelRdt"] = new JsonObject { ["closID"] = "host" },
            "linux.intelRdt",
            "field:linux.intelRdt={\"closID\":\"host\"}"),
        new(
            "time-offsets",
            f => f.Linux["timeOffsets"] = new JsonObject { ["monotonic"] = new JsonObject { ["secs"] = 1 } },
            "linux.timeOffsets",
            "field:linux.timeOffsets={\"monotonic\":{\"secs\":1}}"),
        new(
            "net-devices",
            f => f.Linux["netDevices"] = new JsonObject { ["eth0"] = new JsonObject { ["name"] = "eth0" } },
            "linux.netDevices",
            "field:linux.netDevices={\"eth0\":{\"name\":\"eth0\"}}"),
        new(
            "scheduler",
            f => f.Process["scheduler"] = new JsonObject { ["policy"] = "SCHED_FIFO", ["priority"] = 99 },
            "process.scheduler",
            "field:process.scheduler={\"policy\":\"SCHED_FIFO\",\"priority\":99}"),
        new(
            "virtual-machine",
            f => f.Spec["vm"] = new JsonObject { ["kernel"] = new JsonObject { ["path"] = "/boot/evil" } },
            "spec.dump: vm",
            "field:vm={\"kernel\":{\"path\":\"/boot/evil\"}}"),

        // What config.dump names.
        new(
            "path-conmon",
            f => f.Config["conmonPidFile"] = "/etc/cron.d/evil",
            "config.dump: conmonPidFile",
            "path:conmonPidFile=/etc/cron.d/evil"),
        new("path-pid", f => f.Config["pid_file"] = "/etc/cron.d/evil", "config.dump: pid_file", "path:pid_file=/etc/cron.d/evil"),
        new("path-log", f => f.Config["logPath"] = "/etc/passwd", "config.dump: logPath", "path:logPath=/etc/passwd"),
        new("path-static", f => f.Config["staticDir"] = "/etc", "config.dump: staticDir", "path:staticDir=/etc"),
        new("path-mounts", f => f.Config["mounts"] = Forgery.Texts("/home"), "config.dump: mounts", "path:mounts=/home"),
        new(
            "path-climbing",
            f => f.Config["ShmDir"] = $"/var/lib/stasis/containers/{Id}/../../../../../etc",
            "config.dump: ShmDir",
            $"path:ShmDir=/var/lib/stasis/containers/{Id}/../../../../../etc"),
        new("rootfs-folder", f => f.Config["rootfs"] = "/", "rootfs /", null),
        new("image-path", f => { f.Config["rootfsImageID"] = Id; f.Config["rootfsImageName"] = "dir:/etc"; }, "image dir:/etc", null),
        new(
            "secret",
            f => f.Config["secrets"] = new JsonArray(new JsonObject { ["name"] = "password" }),
            "secret password",
            "secret:password"),
        new(
            "overlay-volume",
            f => f.Config["overlayVolumes"] = new JsonArray(new JsonObject { ["source"] = "/etc" }),
            "config.dump: overlayVolumes",
            "volume:overlayVolumes={\"source\":\"/etc\"}"),
        new(
            "volume-option",
            f => f.Config["namedVolumes"] = JsonNode.Parse("""[{"volumeName":"v","dest":"/v","options":["upperdir=/etc"]}]"""),
            "volume upperdir=/etc",
            "volume:v:upperdir=/etc"),
        new(
            "network-name",
            f => { f.Config["networkMode"] = "bridge"; f.Config["newNetworks"] = new JsonObject { ["backend"] = new JsonObject() }; },
            "network backend",
            "network:backend"),
        new("network-mode", f => f.Config["networkMode"] = $"container:{Id}", $"network container:{Id}", null),
        new("descriptors", f => f.Config["preserveFds"] = 3, "descriptor 3", null),
    ];

    private static Predicate<JsonNode> Type(string type) => item => item["type"]!.GetValue<string>() == type;

    private static Predicate<JsonNode> Text(string text) => item => item.GetValue<string>() == text;

    private static JsonObject Namespace(Forgery forgery, string type) =>
        forgery.Linux["namespaces"]!.AsArray().Single(item => Type(type)(item!))!.AsObject();

    private static JsonObject Port(string ip, int port) =>
        new() { ["host_ip"] = ip, ["container_port"] = 80, ["host_port"] = port, ["range"] = 1, ["protocol"] = "tcp" };

    private static JsonObject Attached(string field, string value) => new() { ["podman"] = new JsonObject { [field] = value } };

    private static JsonArray Mapping() => [JsonNode.Parse("""{"containerID":0,"hostID":0,"size":1}""")];

    private static JsonObject Hooks(string kind) =>
        new() { [kind] = new JsonArray(JsonNode.Parse("""{"path":"/bin/sh","args":["sh","-c","touch /tmp/stasis-hook"]}""")) };

    private static JsonObject Device(string path, string type, int major, int minor) =>
        new JsonObject { ["path"] = path, ["type"] = type, ["major"] = major, ["minor"] = minor };

    private static void Rule(Forgery forgery, string rule) => forgery.Linux["resources"]!["devices"]!.AsArray().Add(JsonNode.Parse(rule));

    private static void Syscall(Forgery forgery, string name, string action = "SCMP_ACT_ALLOW") =>
        forgery.Linux["seccomp"]!["syscalls"]!.AsArray().Add(new JsonObject { ["names"] = Forgery.Texts(name), ["action"] = action });

    private static TarEntry Node(TarEntryType type, uint major, uint minor) =>
        new() { Name = Encoding.UTF8.GetBytes("dev/disk"), Type = type, Mode = 0x1B6, DeviceMajor = major, DeviceMinor = minor };
}
