using System.Globalization;
using System.Text.Json.Nodes;
using static Stasis.EndToEndTests.Attacks.HostileArchive;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>Flags, sources and file systems of mounts that the container has.</summary>
internal static class MountFlagAttacks
{
    private const int Bind = 0x1000, Move = 0x2000, Recursive = 0x4000, Relatime = 0x200000; // mount(2), MS_BIND and so on
    private const int SettledMountFlags = 0x20000e; // nosuid, nodev, noexec, relatime

    // Mounts of the container's own file systems and cgroups, and of the kernel's, which the jail can't keep CRIU from making.
    private static readonly string[] SeenInJail =
    [
        "sysfs-writable", "root-receives", "root-shared", "second-sysfs-over-masks", "mask-elsewhere", "tmpfs-options", "hosts-twice",
        "proc-over-etc", "three-thousand-mounts", "shm-suid-dev", "cgroups-writable",
    ];

    public static IReadOnlyList<Attack> All { get; } =
    [
        Create(
            "mqueue-bind",
            "a host folder in place of /dev/mqueue: the flags of the file system say MS_BIND, and its source is the folder",
            isTypical: false,
            archive => archive.EditMount("/dev/mqueue", mount => mount.Set("source", archive.Target.Canary).Set("sb_flags", Bind))),
        Create(
            "tmpfs-bind",
            "a host folder in place of a tmpfs, into which CRIU unpacks the tmpfs's files",
            isTypical: true,
            archive => archive.EditMount("/tt", mount => mount.Set("source", archive.Target.Canary).Set("sb_flags", Bind))),
        Create(
            "proc-bind",
            "the host's /proc",
            isTypical: true,
            archive => archive.EditMount("/proc", mount => mount.Set("source", "/proc").Set("sb_flags", Bind | Recursive))),
        Create(
            "sysfs-writable",
            "a writable /sys",
            isTypical: false,
            archive => archive.EditMount("/sys", mount => mount.Set("sb_flags", 0))),
        Create(
            "cgroups-writable",
            "writable cgroups, those of the host",
            isTypical: false,
            archive =>
            {
                foreach (var controller in (string[])["pids", "memory", "cpu"])
                    archive.Mounts(mounts => mounts
                        .Where(mount => mount.Record.Text("mountpoint") is var point
                            && point.StartsWith("/sys/fs/cgroup/", StringComparison.Ordinal)
                            && point["/sys/fs/cgroup/".Length..].Split(',').Contains(controller))
                        .ToList().ForEach(mount => mount.Set("flags", SettledMountFlags)));
            }),
        Create(
            "root-receives",
            "mounts of the host reach the container's root",
            isTypical: false,
            archive => archive.EditMount("/", mount => mount.Set("master_id", 1))),
        Create(
            "root-shared",
            "mounts of the container's root reach others",
            isTypical: false,
            archive => archive.EditMount("/", mount => mount.Set("shared_id", 5))),
        Create(
            "deleted-mount-makes-folder",
            "a folder made on the host",
            isTypical: false,
            archive =>
            {
                archive.ReadOnlyPath("/mnt");
                archive.Rootfs(Folder("mnt"), Link("l", archive.Target.Folder));
                archive.AddMount("/", mount => mount
                    .Set("parent_mnt_id", archive.MountId("/")).Set("root", "/l/canary/made").Set("mountpoint", "/mnt")
                    .Set("deleted", 1));
            }),
        Create(
            "second-sysfs-over-masks",
            "a second /sys, without the masks of the first",
            isTypical: false,
            archive => archive.AddMount("/sys", mount => mount.Set("parent_mnt_id", archive.MountId("/sys")))),
        Create(
            "volume-bind-via-symlink",
            "a host folder is bound into the container: a bind's root goes through a symbolic link of a volume",
            isTypical: true,
            VolumeBind),
        Create(
            "mask-elsewhere",
            "a mask at a path where the container has a file",
            isTypical: false,
            archive =>
            {
                archive.Spec(spec => spec["linux"]!["maskedPaths"]!.AsArray().Add("/mnt/x"));
                archive.Rootfs(Folder("mnt"), RegularFile("mnt/x"));
                archive.AddMount("/proc/keys", mount => mount.Set("parent_mnt_id", archive.MountId("/")).Set("mountpoint", "/mnt/x"));
            }),
        Create(
            "tmpfs-options",
            "a tmpfs of a terabyte, with huge pages",
            isTypical: false,
            archive => archive.EditMount("/tt", mount => mount.Set("options", "size=1t,mode=0777,huge=always"))),
        Create(
            "hosts-twice",
            "a second mount on top of /etc/hosts",
            isTypical: false,
            archive => archive.AddMount("/etc/hosts", mount => mount.Set("parent_mnt_id", archive.MountId("/etc/hosts")))),
        Create(
            "proc-over-etc",
            "a /proc at /etc",
            isTypical: false,
            archive =>
            {
                archive.ReadOnlyPath("/etc");
                archive.AddMount("/proc", mount => mount.Set("parent_mnt_id", archive.MountId("/")).Set("mountpoint", "/etc"));
            }),
        Create("another-proc", "a /proc without masks, writable", isTypical: true, archive => AddUnmasked(archive, "proc", "/proc")),
        Create("another-sysfs", "a /sys without masks, writable", isTypical: false, archive => AddUnmasked(archive, "sysfs", "/sys")),
        Create("three-thousand-mounts", "time and memory of the kernel", isTypical: false, ThreeThousandMounts),
        Create(
            "mqueue-move",
            "a host folder's mount is moved into the container",
            isTypical: false,
            archive => archive.EditMount("/dev/mqueue", mount => mount.Set("source", archive.Target.Canary).Set("sb_flags", Move))),
        Create(
            "shm-suid-dev",
            "setuid programs and devices in /dev/shm",
            isTypical: false,
            archive => archive.EditMount("/dev/shm", mount => mount.Set("flags", Relatime))),
    ];

    // The spec says what the images say.
    private static void AddUnmasked(HostileArchive archive, string type, string like)
    {
        archive.Spec(spec => spec["mounts"]!.AsArray().Add(new JsonObject
        {
            ["destination"] = "/q",
            ["type"] = type,
            ["source"] = type,
            ["options"] = new JsonArray("nosuid", "noexec", "nodev"),
        }));
        archive.Rootfs(Folder("q"));
        archive.AddMount(like, mount => mount
            .Set("parent_mnt_id", archive.MountId("/")).Set("mountpoint", "/q").Set("root_dev", 4321)
            .Set("flags", SettledMountFlags).Set("sb_flags", 0));
    }

    private static Attack Create(string name, string aim, bool isTypical, Action<HostileArchive> make) => new()
    {
        Name = name,
        Kind = AttackKind.MountFlags,
        Aim = aim,
        IsTypical = isTypical,
        IsSeenInJail = SeenInJail.Contains(name),
        Harmless = name switch
        {
            "sysfs-writable" => "the mount itself is read-only; crun leaves the file system so, too",
            "mask-elsewhere" => "the archive's spec asks for it, and it hides a file of the container's from the container",
            _ => null,
        },
        Make = make,
    };

    // The volume and the tmpfs get one device number, so that CRIU takes the volume for a tmpfs of its own, and a bind of the volume for
    // one that it can make.
    private static void VolumeBind(HostileArchive archive)
    {
        const int Device = 1234;
        var (tmpfs, root) = (archive.Mount("/tt").U32("root_dev"), archive.Mount("/vol").Text("root"));
        archive.ReadOnlyPath("/mnt");
        archive.Rootfs(Folder("mnt"));
        archive.Tar(
            archive.Names.Single(name => name.StartsWith("volumes/", StringComparison.Ordinal)),
            Link("l", archive.Target.Folder));
        archive.EditMount("/vol", mount => mount.Set("root_dev", Device).Set("fstype", CriuFileSystem.Tmpfs));
        archive.EditMount("/tt", mount => mount.Set("root_dev", Device));
        archive.Rename(
            string.Create(CultureInfo.InvariantCulture, $"checkpoint/tmpfs-dev-{tmpfs}.tar.gz.img"),
            string.Create(CultureInfo.InvariantCulture, $"checkpoint/tmpfs-dev-{Device}.tar.gz.img"));
        archive.AddMount("/vol", mount => mount
            .Set("parent_mnt_id", archive.MountId("/")).Set("root", root + "/l/canary").Set("mountpoint", "/mnt").Remove("ext_key"));
    }

    // Each on top of the one before.
    private static void ThreeThousandMounts(HostileArchive archive)
    {
        const int First = 10_000;
        archive.ReadOnlyPath("/mnt");
        archive.Rootfs(Folder("mnt"));
        var parent = archive.MountId("/");
        archive.Mounts(mounts =>
        {
            var proc = mounts.Find(mount => mount.Record.Text("mountpoint") == "/proc")!;
            for (var id = First; id < First + 3000; parent = id++)
                mounts.Add(proc.Copy().Set("mnt_id", id).Set("parent_mnt_id", parent).Set("mountpoint", "/mnt"));
        });
    }
}
