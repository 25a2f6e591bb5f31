using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.RuntimeSpec;
using Stasis.Tests.Mutations;

namespace Stasis.IntegrationTests.Checkpoints.Forging;

/// <summary>
/// Every way in which a checkpoint's images are falsified, with the rule that must find it: one field, one file or one byte each.
/// </summary>
internal static partial class Forgeries
{
    private const uint SysAdmin = 1 << 21, Foreign = 77;

    /// <summary>
    /// By name: the rule, what is changed, and, where the spec must say something that the real one doesn't, the change of the spec.
    /// </summary>
    public static IReadOnlyDictionary<string, (string Rule, Action<ForgedImages> Forge, Func<OciSpec, OciSpec>? Spec)> All { get; } =
        Build();

    private static Dictionary<string, (string, Action<ForgedImages>, Func<OciSpec, OciSpec>?)> Build()
    {
        var all = new Dictionary<string, (string, Action<ForgedImages>, Func<OciSpec, OciSpec>?)>();
        Folder(Add);
        Processes(Add);
        Credentials(Add);
        Filters(Add);
        Spaces(Add);
        Mounts(Add);
        Cgroups(Add);
        Files(Add);
        Sockets(Add);
        Memory(Add);
        Limits(Add);
        Contents(Add);
        AddFoundByMutation(Add);
        return all;

        void Add(string rule, string name, Action<ForgedImages> forge, Func<OciSpec, OciSpec>? spec = null) =>
            all.Add(name, (rule, forge, spec));
    }

    private delegate void Adding(string rule, string name, Action<ForgedImages> forge, Func<OciSpec, OciSpec>? spec = null);

    private static void Folder(Adding add)
    {
        add("image-kind", "an image of no known name", images => File.WriteAllText(images.PathOf("amdgpu-kfd-1.img"), ""));
        add("image-kind", "a number written in another way",
            images => File.Move(images.PathOf("core-1.img"), images.PathOf("core-01.img")));
        foreach (var (file, what) in ((string, string)[])[("apparmor.img", "policies for the kernel"), ("autofs-1.img", "an automounter"),
            ("binfmt-misc.img", "interpreters"), ("bpfmap-file.img", "BPF maps"),
            ("tunfile.img", "a tunnel"), ("netns-ct-10.img", "connections"), ("irmap-cache", "a cache of paths"),
            ("creds-1.img", "credentials in their old form"), ("reg-files.img", "files in their old form"),
            ("vmas-1.img", "mappings in their old form")])
            add("image-kind", what, images => File.WriteAllText(images.PathOf(file), ""));
        add("image-format", "another magic number",
            images => images.Bytes("pstree.img", bytes => [.. bytes[..4], 1, 2, 3, 4, .. bytes[8..]]));
        add("image-format", "another common magic number", images => images.Bytes("pstree.img", bytes => [1, .. bytes[1..]]));
        add("image-format", "an image under another's name",
            images => File.Copy(images.PathOf("mm-1.img"), images.PathOf("fs-1.img"), overwrite: true));
        add("image-format", "cut off within a record", images => images.Bytes("cgroup.img", bytes => bytes[..^1]));
        add("image-format", "something after the only record", images => images.Bytes("core-1.img", bytes => [.. bytes, 0]));
        add("image-format", "a record longer than the file",
            images => images.Bytes("files.img", bytes => [.. bytes[..8], 0xff, 0xff, 0xff, 0x03, .. bytes[12..]]));
        add("image-format", "a record of four gigabytes",
            images => images.Bytes("files.img", bytes => [.. bytes[..8], 0xff, 0xff, 0xff, 0xff, .. bytes[12..]]));
        add("image-format", "an empty image", images => File.WriteAllBytes(images.PathOf("seccomp.img"), []));
        add("image-field", "an unknown field", images => images.Edit("core-1.img", core => core.Append(0xB8, 0x01, 0x01)));
        add("image-field", "an unknown field deep within",
            images => images.Edit("core-1.img", core => core.Child("thread_core").Append(0xF8, 0x07, 0x01)));
        add("image-format", "a field twice",
            images => images.Edit("core-1.img", core => core.Child("thread_core.creds").Append(0x08, 0x05)));
        add("image-format", "a message twice, which readers would merge",
            images => images.Edit("core-1.img", core => core.Add("thread_core", core.Child("thread_core"))));
        add("image-format", "a number of more than 32 bits",
            images => images.Edit("core-1.img", core => core.Set("thread_core.creds.uid", 1UL << 32)));
        add("image-format", "a required field missing",
            images => images.Edit("core-1.img", core => core.Remove("thread_core.creds.secbits")));
        add("image-format", "a zero byte in a string",
            images => images.EditFirst("files.img", file => file.Has("reg"), file => file.Set("reg.name", "/bin\0/../../etc")));
        add("image-format", "a number not in its shortest form",
            images => images.Edit("core-1.img", core => core.Child("thread_core").Append(0xD8, 0x00, 0x02)));
        add("image-inventory", "another version", images => images.Edit("inventory.img", inventory => inventory.Set("img_version", 1)));
        add("image-inventory", "plug-ins",
            images => images.Edit("inventory.img",
                inventory => inventory.Set("plugins_entry",
                    new ImageNode(ImageSchema.Message("plugins_entry")).Set("plugins", "amdgpu_plugin"))));
        add("image-inventory", "uprobes", images => images.Edit("inventory.img", inventory => inventory.Set("allow_uprobes", 1)));
        add("image-inventory", "a lock's name that is no ID",
            images => images.Edit("inventory.img", inventory => inventory.Set("dump_criu_run_id", "x; flush ruleset")));
        add("image-format", "no inventory", images => File.Delete(images.PathOf("inventory.img")));
    }

    private static void Processes(Adding add)
    {
        add("image-tree", "a parent that is not there", images => images.Edit("pstree.img", task => task.Set("ppid", Foreign), 1));
        add("image-tree", "two processes of one ID", images => images.Edit("pstree.img", task => task.Set("pid", 1).Set("threads", 1), 1));
        add("image-tree", "a second root", images => images.Edit("pstree.img", task => task.Set("ppid", 0), 1));
        add("image-tree", "a PID beyond all", images => images.Edit("pstree.img", task => task.Set("sid", 1 << 23), 1));
        add("image-tree", "another first process",
            images => images.Edit("pstree.img", task => task.Set("pid", Foreign).Set("threads", Foreign)));
        add("image-tree", "no process", images => images.Bytes("pstree.img", bytes => bytes[..8]));
        add("image-task", "a process without memory", images => File.Delete(images.PathOf("mm-1.img")));
        add("image-task", "a process without descriptors", images => File.Delete(images.PathOf(images.The("fdinfo-"))));
        add("image-task", "another machine's process", images => images.Edit("core-1.img", core => core.Set("mtype", 5)));
        add("image-task", "a state that none is in", images => images.Edit("core-1.img", core => core.Set("tc.task_state", 9)));
        add("image-task", "a name longer than the kernel's",
            images => images.Edit("core-1.img", core => core.Set("tc.comm", "a name longer than the kernel's")));
        add("image-signal", "half a signal",
            images => images.Edit("core-1.img", core => core.Set("tc.signals_s", new ImageNode(ImageSchema.Message("signal_queue_entry"))
            .Set("signals", new ImageNode(ImageSchema.Message("siginfo_entry")).Set("siginfo", new byte[64])))));
    }

    private static void Credentials(Adding add)
    {
        foreach (var set in (string[])["cap_prm", "cap_eff", "cap_inh", "cap_bnd"])
            add("image-caps", $"CAP_SYS_ADMIN in {set}",
                images => images.Edit("core-1.img",
                    core => core.Set($"thread_core.creds.{set}[0]", core.Number($"thread_core.creds.{set}[0]") | SysAdmin)));
        add("image-caps", "CAP_SYS_ADMIN in cap_amb",
            images => images.Edit("core-1.img",
                core => core.Add("thread_core.creds.cap_amb", SysAdmin).Add("thread_core.creds.cap_amb", 0)));
        add("image-caps", "a capability in the second word",
            images => images.Edit("core-1.img", core => core.Set("thread_core.creds.cap_prm[1]", 1 << 7)));
        add("image-caps", "a third word", images => images.Edit("core-1.img", core => core.Add("thread_core.creds.cap_prm", 0)));
        add("image-caps", "a thread's capability",
            images => images.Edit(Thread(images),
                core => core.Set("thread_core.creds.cap_eff[0]", core.Number("thread_core.creds.cap_eff[0]") | SysAdmin)));
        add("image-creds", "another user", images => images.Edit("core-1.img", core => core.Set("thread_core.creds.euid", 1000)));
        add("image-creds", "another file-system user",
            images => images.Edit("core-1.img", core => core.Set("thread_core.creds.fsuid", 1000)));
        add("image-creds", "no credentials", images => images.Edit("core-1.img", core => core.Remove("thread_core.creds")));
        add(
            "image-securebits",
            "security bits",
            images => images.Edit("core-1.img", core => core.Set("thread_core.creds.secbits", 0x2f)),
            Without("CAP_SETPCAP"));
        add("image-nnp", "no_new_privs off", images => images.Edit("core-1.img", core => core.Set("thread_core.creds.no_new_privs", 0)));
        add("image-nnp", "no_new_privs gone", images => images.Edit(Thread(images), core => core.Remove("thread_core.creds.no_new_privs")));
        add("image-lsm", "another profile",
            images => images.Edit("core-1.img", core => core.Set("thread_core.creds.lsm_profile", "kernel_t")));
        add("image-lsm", "a label for sockets",
            images => images.Edit("core-1.img", core => core.Set("thread_core.creds.lsm_sockcreate", "kernel_t")));
        add("image-lsm", "stacked profiles",
            images => images.Edit("core-1.img", core => core.Set("thread_core.creds.apparmor_data", new byte[4])));
        add("image-lsm", "unconfined, and the spec is not",
            images => images.Edit("core-1.img", core => core.Set("thread_core.creds.lsm_profile", "unconfined")),
            spec => spec with { Process = spec.Process! with { ApparmorProfile = "containers-default" } });
    }

    private static void Filters(Adding add)
    {
        add("image-seccomp", "no filter", images => images.Edit("core-1.img", core => core.Set("thread_core.seccomp_mode", 0)));
        add("image-seccomp", "a filter that is not there",
            images => images.Edit("core-1.img", core => core.Set("thread_core.seccomp_filter", 99)));
        add("image-seccomp", "a filter that allows everything", images => Program(images, (0x06, 0, 0, 0x7fff0000)));
        add("image-seccomp", "a filter that allows one call more", images => images.Edit("seccomp.img", entry =>
            entry.Set("seccomp_filters[0].filter",
                (byte[])[.. Code((0x20, 0, 0, 0), (0x15, 0, 1, 246), (0x06, 0, 0, 0x7fff0000)),
                    .. entry.Bytes("seccomp_filters[0].filter")])));
        add("image-seccomp", "a filter that allows a call for one argument", images => images.Edit("seccomp.img", entry =>
            entry.Set("seccomp_filters[0].filter",
                (byte[])[.. Code((0x20, 0, 0, 0), (0x15, 0, 3, 246), (0x20, 0, 0, 16), (0x15, 0, 1, 0x5EC2E7), (0x06, 0, 0, 0x7fff0000)),
                    .. entry.Bytes("seccomp_filters[0].filter")])));
        add("image-seccomp", "a filter that allows i386", images => images.Edit("seccomp.img", entry =>
            entry.Set("seccomp_filters[0].filter",
                (byte[])[.. Code((0x20, 0, 0, 4), (0x15, 0, 1, 0x40000003), (0x06, 0, 0, 0x7fff0000)),
                    .. entry.Bytes("seccomp_filters[0].filter")])));
        add("image-seccomp", "a filter with arithmetic", images => images.Edit("seccomp.img", entry =>
            entry.Set("seccomp_filters[0].filter",
                (byte[])[.. Code((0x20, 0, 0, 0), (0xa4, 0, 0, 0xff)), .. entry.Bytes("seccomp_filters[0].filter")])));
        add("image-seccomp", "logged instead of refused", images => Program(images, (0x06, 0, 0, 0x7ffc0000)));
        add("image-seccomp", "a ring of filters", images => images.Edit("seccomp.img", entry => entry.Set("seccomp_filters[0].prev", 0)));
        add("image-seccomp", "a listener", images => images.Edit("seccomp.img", entry => entry.Set("seccomp_filters[0].flags", 8)));
        add("image-seccomp", "half an instruction",
            images => images.Edit("seccomp.img", entry => entry.Set("seccomp_filters[0].filter", new byte[12])));
        add("image-seccomp", "threads without the flag that gives them the first one's", images => images.Edit("seccomp.img", entry =>
        {
            for (var i = 0; i < entry.Count("seccomp_filters"); i++)
                entry.Set($"seccomp_filters[{i}].flags", 0);
        }));
    }

    private static void Spaces(Adding add)
    {
        foreach (var space in (string[])["pid", "net", "ipc", "uts", "mnt"])
            add("image-namespace", $"the host's {space} namespace",
                images => images.Edit("ids-1.img",
                    ids => ids.Set($"{space}_ns_id", images.Records("inventory.img")[0].Number($"root_ids.{space}_ns_id"))));
        add("image-namespace", "a user namespace of its own", images => images.Edit("ids-1.img", ids => ids.Set("user_ns_id", Foreign)));
        add("image-namespace", "a time namespace without its clocks",
            images => images.Edit("ids-1.img", ids => ids.Set("time_ns_id", Foreign)));
        add("image-namespace", "a child in the host's network",
            images => images.Edit(images.Of("ids-")[1],
                ids => ids.Set("net_ns_id", images.Records("inventory.img")[0].Number("root_ids.net_ns_id"))));
        add("image-namespace", "a child in another network",
            images => images.Edit(images.Of("ids-")[1], ids => ids.Set("net_ns_id", Foreign)));
        add("image-namespace", "no image of a namespace", images => File.Delete(images.PathOf(images.The("ipcns-var-"))));
        add("image-network", "the network namespace under another key",
            images => images.Edit(images.The("netns-"), space => space.Set("ext_key", "hostNetNS")));
        add("image-network", "a network namespace made by CRIU",
            images => images.Edit(images.The("netns-"), space => space.Remove("ext_key")));
        add("image-network", "addresses for a namespace that isn't CRIU's",
            images => File.WriteAllText(images.PathOf(images.The("netns-").Replace("netns", "ifaddr", StringComparison.Ordinal)), ""));
        add(
            "image-network",
            "a firewall",
            images => OwnNetwork(images, "nftables-", Encoding.ASCII.GetBytes("include \"/etc/shadow\"\n")),
            NoNetworkPath);
        add(
            "image-network",
            "rules of iptables",
            images => OwnNetwork(images, "iptables-",
                Encoding.ASCII.GetBytes("*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m bpf --object-pinned /x -j ACCEPT\nCOMMIT\n")),
            NoNetworkPath);
        add(
            "image-network",
            "routes that are none",
            images => OwnNetwork(images, "route-", [0x24, 0x12, 0x31, 0x45, 0xff, 0xff, 0, 0]),
            NoNetworkPath);
        add("image-network", "a network device", images =>
        {
            OwnNetwork(images, "netdev-", []);
            images.Make(images.The("netdev-"),
                new ImageNode(ImageSchema.Message("net_device_entry"))
                    .Set("type", 2)
                    .Set("ifindex", 2)
                    .Set("mtu", 1500)
                    .Set("flags", 1)
                    .Set("name", "eth0"));
        }, NoNetworkPath);
    }

    private static void Mounts(Adding add)
    {
        add("image-mount", "the host's root as an overlay",
            images => AddMount(images,
                mount => mount.Set("fstype", 17).Set("mountpoint", "/tmp").Set("source", "overlay").Set("options", "lowerdir=/:/etc")));
        add("image-mount", "a disk",
            images => AddMount(images,
                mount => mount.Set("fstype", 16).Set("fsname", "ext4").Set("mountpoint", "/tmp").Set("source", "/dev/sda1")));
        add("image-mount", "cgroups of the host",
            images => AddMount(images,
                mount => mount.Set("fstype", 12).Set("mountpoint", "/tmp").Set("source", "none").Set("options", "devices")));
        add("image-mount", "a file system in memory that none asked for",
            images => AddMount(images, mount => mount.Set("fstype", 5).Set("mountpoint", "/opt").Set("options", "")));
        add("image-mount", "something from outside under a strange key",
            images => AddMount(images, mount => mount.Set("mountpoint", "/tmp").Set("ext_key", "CRIU:AUTO")));
        add("image-mount", "a known key in another place",
            images => EditMount(images, "/program", mount => mount.Set("mountpoint", "/usr")));
        add("image-mount", "a path that climbs",
            images => EditMount(images, "/scratch", mount => mount.Set("mountpoint", "/scratch/../../x")));
        add("image-mount", "a plug-in's mount", images => EditMount(images, "/scratch", mount => mount.Set("with_plugin", 1)));
        add("image-mount", "a read-only volume made writable",
            images => EditMount(images, "/program", mount => mount.Set("flags", mount.Number("flags") & ~1UL)));
        add("image-mount", "/dev/shm without nodev",
            images => EditMount(images, "/dev/shm", mount => mount.Set("flags", mount.Number("flags") & ~4UL)));
        add("image-mount", "/proc made of something else", images => EditMount(images, "/proc", mount => mount.Set("fstype", 3)));
        add("image-mount", "two mounts of one ID",
            images => EditMount(images, "/scratch",
                mount => mount.Set("mnt_id", images.Records(images.The("mountpoints-"))[0].Number("mnt_id"))));
        add("image-mount", "a mount that hangs on itself",
            images => EditMount(images, "/scratch", mount => mount.Set("parent_mnt_id", mount.Number("mnt_id"))));
        add("image-mount", "a root handed over under a key", images => EditMount(images, "/", mount => mount.Set("ext_key", "/")));
        add("image-mount", "no root", images => EditMount(images, "/", mount => mount.Set("mountpoint", "/root")));
        add(
            "image-mount",
            "a writable root, and the spec has it read-only",
            _ => { },
            spec => spec with { Root = spec.Root! with { Readonly = true } });
        add("image-mask", "/proc/kcore not hidden",
            images => EditMount(images, "/proc/keys", mount => mount.Set("mountpoint", "/proc/timer_stats")));
        add("image-mask", "/proc/sys not read-only",
            images => EditMount(images, "/proc/sys", mount => mount.Set("flags", mount.Number("flags") & ~1UL)));
    }

    private static void Cgroups(Adding add)
    {
        add("image-cgroup", "another container's cgroup",
            images => images.Edit("cgroup.img", groups => groups.Set("sets[0].ctls[1].path", "/stasis/another")));
        add("image-cgroup", "the root's cgroup", images => images.Edit("cgroup.img", groups => groups.Set("sets[0].ctls[1].path", "/")));
        add("image-cgroup", "a cgroup beside the own",
            images => images.Edit("cgroup.img", groups => groups.Set("sets[0].ctls[1].path", groups.Text("sets[0].ctls[1].path") + "-2")));
        add("image-cgroup", "a folder that climbs",
            images => images.Edit("cgroup.img",
                groups => groups.Set("controllers[0].dirs[0].dir_name", groups.Text("controllers[0].dirs[0].dir_name") + "/../../..")));
        add("image-cgroup", "a file that is no limit",
            images => images.Edit("cgroup.img", groups => groups.Set("controllers[0].dirs[0].properties[0].name", "release_agent")));
        add("image-cgroup", "a file's name with a path",
            images => images.Edit("cgroup.img", groups => groups.Set("controllers[0].dirs[0].properties[0].name", "../pids.max")));
        add("image-cgroup", "told on release",
            images => images.Edit("cgroup.img", groups => Property(groups, "notify_on_release").Set("value", "1")));
        add("image-cgroup", "processes to move",
            images => images.Edit("cgroup.img", groups => Property(groups, "cgroup.procs").Set("value", "1")));
        add("image-cgroup", "a controller that is none",
            images => images.Edit("cgroup.img", groups => groups.Set("controllers[0].cnames[0]", "../../etc")));
        add("image-cgroup", "a cgroup namespace",
            images => images.Edit("cgroup.img", groups => groups.Set("sets[0].ctls[1].cgns_prefix", 5)));
        add("image-cgroup", "a set that is not there", images => images.Edit("core-1.img", core => core.Set("tc.cg_set", Foreign)));
        add("image-device", "a device let through",
            images => images.Edit("cgroup.img", groups => Property(groups, "devices.list").Set("value", "b 8:0 rwm")));
        add("image-device", "all devices let through",
            images => images.Edit("cgroup.img", groups => Property(groups, "devices.list").Set("value", "a *:* rwm")));
    }

    private static void Files(Adding add)
    {
        add("image-path", "a path that climbs out", images => EditFile(images, "reg", file => file.Set("reg.name", "/../../etc/shadow")));
        add("image-path", "a path that is relative", images => EditFile(images, "reg", file => file.Set("reg.name", "etc/shadow")));
        add("image-file", "a mount that is not there, for a file",
            images => EditFile(images, "reg", file => file.Set("reg.mnt_id", 2 * 99999)));
        add("image-file", "a file outside its mount",
            images => images.EditFirst("files.img",
                file => file.Has("reg") && file.Text("reg.name").StartsWith("/dev/", StringComparison.Ordinal),
                    file => file.Set("reg.name", "/etc/shadow")));
        add("image-kernel-file", "the kernel's log",
            images => EditFile(images, "reg",
                file => file.Set("reg.name", "/proc/kmsg").Set("reg.mnt_id", Zigzag(MountId(images, "/proc")))));
        add("image-mapped-file", "a mapped file that would be created",
            images => images.Edit("mm-1.img", memory => memory.Set("vmas[0].fdflags", 0x42)));
        add("image-file", "a file that would be created", images => EditFile(images, "reg", file => file.Set("reg.flags", 0x42)));
        add("image-ghost", "a setuid program", images => images.Edit(images.The("ghost-file-"), ghost => ghost.Set("mode", 0x89ED)));
        add("image-file", "a file handed over", images => EditFile(images, "reg", file => file.Set("reg.ext", 1)));
        add("image-file", "a caller's file", images => EditFile(images, "efd", file => file.Set("type", 16)));
        add("image-file", "a type without its description", images => EditFile(images, "efd", file => file.Set("type", 1)));
        add("image-file", "two files of one ID", images => images.Edit("files.img", file => file.Set("id", 2).Set("reg.id", 2)));
        add("image-file", "a file of two IDs", images => images.Edit("files.img", file => file.Set("reg.id", Foreign)));
        add("image-file", "the host's namespace held open",
            images => EditFile(images, "nsf",
                file => file.Set("nsf.ns_id", images.Records("inventory.img")[0].Number("root_ids.net_ns_id"))));
        add("image-file", "a signal that is none", images => EditFile(images, "pipe", file => file.Set("pipe.fown.signum", 99)));
        add("image-file", "a FIFO without its file", images => EditFile(images, "fifo", file => file.Set("fifo.regf_id", 9999)));
        add("image-device", "a disk that is open",
            images => EditFile(images, "reg",
                file => file.Set("reg.name", "/dev/sda").Set("reg.mode", 0x61B0).Set("reg.mnt_id", Zigzag(MountId(images, "/dev")))));
        add("image-descriptor", "a descriptor of no file",
            images => images.Edit(images.The("fdinfo-"), descriptor => descriptor.Set("id", 9999)));
        add("image-descriptor", "a descriptor of another type",
            images => images.Edit(images.The("fdinfo-"), descriptor => descriptor.Set("type", 16)));
        add("image-descriptor", "a descriptor twice",
            images => images.Edit(images.The("fdinfo-"),
                descriptor => descriptor.Set("fd", images.Records(images.The("fdinfo-"))[1].Number("fd"))));
        add("image-descriptor", "a descriptor beyond all",
            images => images.Edit(images.The("fdinfo-"), descriptor => descriptor.Set("fd", uint.MaxValue)));
        add("image-descriptor", "a working directory that is not there",
            images => images.Edit("fs-1.img", folders => folders.Set("cwd_id", 9999)));
        add("image-descriptor", "a root that is a file",
            images => images.Edit("fs-1.img", folders => folders.Set("root_id", images.Records("mm-1.img")[0].Number("exe_file_id"))));
        add("image-descriptor", "a file in a socket that is not there",
            images => images.EditFirst("sk-queues.img", packet => packet.Count("scm") > 0, packet => packet.Set("scm[0].rights", 9999)));
        add("image-watch", "a watch by a number in the host's file system",
            images => EditFile(images, "ify", file => file.Set("ify.wd[0].s_dev", 0x801).Child("ify.wd[0].f_handle").Remove("path")));
        add("image-path", "a watch on a path that climbs",
            images => EditFile(images, "ify", file => file.Set("ify.wd[0].f_handle.path", "/../../etc")));
        add("image-ghost", "a deleted file that none has open",
            images => images.Edit("remap-fpath.img", remap => remap.Set("orig_id", 9999)));
        add("image-ghost", "a deleted file without content", images => File.Delete(images.PathOf(images.The("ghost-file-"))));
        add("image-ghost", "a deleted disk",
            images => images.Edit(images.The("ghost-file-"), ghost => ghost.Set("mode", 0x61B0).Set("rdev", 0x800)));
        add("image-lock", "a lock of no process", images => images.Edit("filelocks.img", held => held.Set("pid", Foreign)));
        add("image-stdio", "a file in conmon's place",
            images => File.WriteAllText(images.PathOf("descriptors.json"), """["/dev/null","pipe:[1]","/etc/pipe:[2]"]"""));
        add("image-stdio", "a fourth descriptor",
            images => File.WriteAllText(images.PathOf("descriptors.json"), """["/dev/null","pipe:[1]","pipe:[2]","pipe:[3]"]"""));
        add("image-stdio", "descriptors that are no JSON", images => File.WriteAllText(images.PathOf("descriptors.json"), "["));
        add("image-tty", "the machine's console",
            images => images.Edit("tty-info.img", terminal => terminal.Set("type", 3).Set("rdev", 0x401)));
        add("image-tty", "a terminal that conmon doesn't hold",
            images => images.Edit("tty-info.img", terminal => terminal.Set("type", 5).Set("rdev", 0x440)));
        add("image-tty", "a terminal without description", images => EditFile(images, "tty", file => file.Set("tty.tty_info_id", Foreign)));
    }

    private static void Sockets(Adding add)
    {
        add("image-socket", "a socket of the host's network",
            images => EditFile(images, "isk",
                file => file.Set("isk.ns_id", images.Records("inventory.img")[0].Number("root_ids.net_ns_id"))));
        add("image-socket", "a raw socket", images => EditFile(images, "isk", file => file.Set("isk.type", 3)));
        add("image-socket", "an address too long", images => EditFile(images, "isk", file => file.Add("isk.src_addr", 1)));
        add("image-socket", "a port that is none", images => EditFile(images, "isk", file => file.Set("isk.src_port", 70000)));
        add("image-socket", "marked packets", images => EditFile(images, "isk", file => file.Set("isk.opts.so_mark", 0xC114)));
        add("image-socket", "a peer from outside", images => EditFile(images, "usk", file => file.Set("usk.uflags", 1)));
        add("image-socket", "a peer handed over", images => EditFile(images, "usk", file => file.Set("usk.uflags", 8)));
        add("image-socket", "a name that climbs",
            images => images.EditFirst("files.img", file => file.Has("usk") && file.Bytes("usk.name") is [(byte)'/', ..],
                file => file.Set("usk.name", "/../run/docker.sock\0")));
        add("image-socket", "the kernel's audit", images => EditFile(images, "nlsk", file => file.Set("nlsk.protocol", 9)));
    }

    private static void Memory(Adding add)
    {
        add("image-vma", "a program that is not there", images => images.Edit("mm-1.img", memory => memory.Set("exe_file_id", 9999)));
        add("image-vma", "mappings that overlap",
            images => images.Edit("mm-1.img", memory => memory.Set("vmas[1].start", memory.Number("vmas[0].start"))));
        add("image-vma", "a mapping that isn't of pages",
            images => images.Edit("mm-1.img", memory => memory.Set("vmas[0].start", memory.Number("vmas[0].start") + 1)));
        add("image-vma", "a mapping of a file that is not there",
            images => images.Edit("mm-1.img", memory => memory.Set("vmas[0].shmid", 9999)));
        add("image-vma", "a plug-in's mapping",
            images => images.Edit("mm-1.img", memory => memory.Set("vmas[0].status", memory.Number("vmas[0].status") | (1 << 27))));
        add("image-vma", "an address in the kernel", images => images.Edit("mm-1.img", memory => memory.Set("mm_brk", ulong.MaxValue)));
        add("image-pages", "more pages than there are",
            images => images.Edit("pagemap-1.img",
                pages => pages.Set(pages.Has("nr_pages") ? "nr_pages" : "compat_nr_pages",
                    pages.Number(pages.Has("nr_pages") ? "nr_pages" : "compat_nr_pages") - 1), 1));
        add("image-pages", "pages cut off", images => images.Bytes(images.The("pages-"), bytes => bytes[..^4096]));
        add("image-pages", "pages outside the mappings", images => images.Edit("pagemap-1.img", pages => pages.Set("vaddr", 0x1000), 1));
        add("image-pages", "pages of an earlier checkpoint",
            images => images.Edit("pagemap-1.img", pages => pages.Set("flags", 1).Set("in_parent", 1), 1));
        add("image-pages", "another's pages",
            images => images.Edit(images.Of("pagemap-")[1],
                head => head.Set("pages_id", images.Records("pagemap-1.img")[0].Number("pages_id"))));
        add("image-ipc", "flags in place of permissions",
            images => images.Edit(images.The("ipcns-shm-"), segment => segment.Set("desc.mode", 0x8180)));
        add("image-ipc", "a segment larger than any machine",
            images => images.Edit(images.The("ipcns-shm-"), segment => segment.Set("size", 1UL << 60)));
        add("image-format", "a message longer than its queue's image",
            images => images.Bytes(images.The("ipcns-msg-"), bytes => bytes[..^8]));
        add("image-ipc", "a message longer than CRIU's buffer", images => LongMessage(images));
        add("image-ipc", "a memfd larger than any machine", images => images.Edit("memfd.img", memfd => memfd.Set("size", 1UL << 60)));
    }

    private static void Limits(Adding add)
    {
        add("image-rlimit", "more open files",
            images => images.Edit("core-1.img", core => core.Set("tc.rlimits.rlimits[7].max", 1UL << 40)));
        add("image-rlimit", "a soft limit above the hard one",
            images => images.Edit("core-1.img", core => core.Set("tc.rlimits.rlimits[7].cur", ulong.MaxValue)));
        add("image-rlimit", "a seventeenth limit",
            images => images.Edit("core-1.img", core => core.Add("tc.rlimits.rlimits", core.Child("tc.rlimits.rlimits[7]"))));
        add("image-oom", "spared by the OOM killer", images => images.Edit("core-1.img", core => core.Set("tc.oom_score_adj", -1000L)));
        add("image-sched", "real time",
            images => images.Edit("core-1.img", core => core.Set("thread_core.sched_policy", 1).Set("thread_core.sched_prio", 99)));
        add("image-sched", "a better priority",
            images => images.Edit("core-1.img", core => core.Set("thread_core.sched_nice", Zigzag(-20))));
        add("image-timer", "a timer that wakes the machine", images => EditFile(images, "tfd", file => file.Set("tfd.clockid", 9)));
        add("image-timer", "a timer for another's thread",
            images => images.Edit("core-1.img",
                core => core.Set("tc.timers.posix[0].it_sigev_notify", 4).Set("tc.timers.posix[0].notify_thread_id", Foreign)));
        add("image-timer", "a clock that is none",
            images => images.Edit("core-1.img", core => core.Set("tc.timers.posix[0].clock_id", 99)));
    }

    private static void Contents(Adding add)
    {
        add("image-tmpfs", "a file that climbs", images => Tar(images, TarEntry.OfFile("../../etc/passwd", 0)));
        add("image-tmpfs", "a file with an absolute name", images => Tar(images, TarEntry.OfFile("/etc/passwd", 0)));
        add("image-tmpfs", "a file through a link", images => Tar(images,
            new TarEntry { Name = "out"u8.ToArray(), Type = TarEntryType.Symlink, LinkName = "/etc"u8.ToArray() },
                TarEntry.OfFile("out/passwd", 0)));
        add("image-tmpfs", "another name of a file outside",
            images => Tar(images,
                new TarEntry { Name = "in"u8.ToArray(), Type = TarEntryType.Hardlink, LinkName = "../../etc/shadow"u8.ToArray() }));
        add("image-tmpfs", "more than the file system holds", images => Tar(images, TarEntry.OfFile("large", 70 << 20)));
        add("image-device", "a disk in /dev",
            images => Tar(images,
                new TarEntry { Name = "sda"u8.ToArray(), Type = TarEntryType.BlockDevice, DeviceMajor = 8, Mode = 0x1b6 }));
        add("image-tmpfs", "no tar", images => File.WriteAllBytes(images.PathOf(images.The("tmpfs-dev-")), new byte[600]));
        add("image-tmpfs", "a damaged archive", images => images.Bytes(images.The("tmpfs-dev-"), bytes => bytes[..^4]));
    }

    // The second thread of the process that has three.
    private static string Thread(ForgedImages images) =>
        $"core-{images.Records("pstree.img").First(task => task.Count("threads") == 3).Number("threads[1]")}.img";

    private static Func<OciSpec, OciSpec> Without(string capability) => spec => spec with
    {
        Process =
            spec.Process! with
            {
                Capabilities = spec.Process.Capabilities! with
                {
                    Bounding =
            [
                .. spec.Process.Capabilities.Bounding!.Where(name => name != capability)
            ]
                }
            },
    };

    private static OciSpec NoNetworkPath(OciSpec spec) => spec with
    {
        Linux = spec.Linux! with
        {
            Namespaces =
        [
            .. spec.Linux.Namespaces!.Select(space => space.Type == "network" ? new OciNamespace { Type = "network" } : space)
        ]
        },
    };

    private static void OwnNetwork(ForgedImages images, string kind, byte[] content)
    {
        var space = images.The("netns-");
        File.WriteAllBytes(images.PathOf(space.Replace("netns-", kind, StringComparison.Ordinal)), content);
        images.Edit(space, record => record.Remove("ext_key"));
    }

    private static void Program(ForgedImages images, params (ushort, byte, byte, uint)[] code) =>
        images.Edit("seccomp.img", entry => entry.Set("seccomp_filters[0].filter", Code(code)));

    private static byte[] Code(params (ushort Code, byte IfTrue, byte IfFalse, uint Value)[] instructions)
    {
        var bytes = new byte[instructions.Length * 8];
        for (var i = 0; i < instructions.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * 8), instructions[i].Code);
            (bytes[(i * 8) + 2], bytes[(i * 8) + 3]) = (instructions[i].IfTrue, instructions[i].IfFalse);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((i * 8) + 4), instructions[i].Value);
        }
        return bytes;
    }

    private static void EditMount(ForgedImages images, string point, Action<ImageNode> change) =>
        images.EditFirst(images.The("mountpoints-"), mount => mount.Text("mountpoint") == point, change);

    private static void AddMount(ForgedImages images, Action<ImageNode> change)
    {
        var file = images.The("mountpoints-");
        var root = images.Records(file).First(mount => mount.Text("mountpoint") == "/");
        var parent = root.Number("mnt_id");
        root.Set("mnt_id", 9999).Set("parent_mnt_id", parent).Set("root_dev", 9999);
        change(root);
        images.Append(file, root);
    }

    private static ulong MountId(ForgedImages images, string point) =>
        images.Records(images.The("mountpoints-")).First(mount => mount.Text("mountpoint") == point).Number("mnt_id");

    private static ulong Zigzag(ulong number) => number * 2;

    private static ulong Zigzag(long number) => (ulong)((number << 1) ^ (number >> 63));

    private static void EditFile(ForgedImages images, string field, Action<ImageNode> change) =>
        images.EditFirst("files.img", file => file.Has(field), change);

    private static ImageNode Property(ImageNode groups, string name)
    {
        for (var i = 0; i < groups.Count("controllers"); i++)
        {
            var folder = groups.Child($"controllers[{i}].dirs[0]");
            for (var j = 0; j < folder.Count("properties"); j++)
            {
                if (folder.Text($"properties[{j}].name") == name)
                    return folder.Child($"properties[{j}]");
            }
        }
        throw new InvalidOperationException(name);
    }

    private static void LongMessage(ForgedImages images)
    {
        var queue = images.Records(images.The("ipcns-msg-"))[0];
        var message = new ImageNode(ImageSchema.Message("ipc_msg")).Set("mtype", 1).Set("msize", 9000);
        images.Make(images.The("ipcns-msg-"), queue, message);
        File.AppendAllBytes(images.PathOf(images.The("ipcns-msg-")), new byte[9000]);
    }

    private static void Tar(ForgedImages images, params TarEntry[] entries)
    {
        var device = images.Records(images.The("mountpoints-")).First(mount => mount.Text("mountpoint") == "/dev").Number("root_dev");
        using var file = File.Create(images.PathOf(ImageKind.Get("tmpfs-dev-").File(device)));
        using var gzip = new GZipStream(file, CompressionLevel.Fastest);
        var tar = new TarWriter(gzip);
        foreach (var entry in entries)
            tar.WriteEntry(entry, new byte[entry.Size]);
        tar.Finish();
    }
}
