using System.Text.Json.Nodes;
using static Stasis.EndToEndTests.Attacks.HostileArchive;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>Mounts that CRIU makes from its mount image.</summary>
internal static class MountAttacks
{
    private const int Relatime = 0x200000; // MS_RELATIME alone: neither read-only, nor nosuid, nodev or noexec
    private const int SettledMountFlags = 0x20000e; // nosuid, nodev, noexec, relatime

    // File systems of the kernel, which the jail cannot keep CRIU from mounting.
    private static readonly string[] SeenInJail =
    [
        "second-proc-on-top", "proc-at-read-only-path", "second-proc-sys-writable", "debugfs", "devtmpfs", "fusectl", "securityfs",
        "sysfs-writable-at-read-only-path", "masks-with-another-parent",
    ];

    public static IReadOnlyList<Attack> All { get; } =
    [
        Create(
            "bind-via-symlink",
            "a host folder is bound into the container: a bind's root goes through a symbolic link of the root file system",
            isTypical: true,
            archive =>
            {
                archive.ReadOnlyPath("/mnt");
                archive.AddMount("/", mount => mount
                    .Set("parent_mnt_id", archive.MountId("/")).Set("root", "/l/canary").Set("mountpoint", "/mnt"));
                archive.Rootfs(Folder("mnt"), Link("l", archive.Target.Folder));
            }),
        Create(
            "bind-with-empty-hooks",
            "a host folder is bound into the container, whose spec has hooks that are none: hooks can't run in the jail",
            isTypical: true,
            archive =>
            {
                archive.Spec(spec => spec["hooks"] = new JsonObject { ["prestart"] = new JsonArray() });
                archive.ReadOnlyPath("/mnt");
                archive.AddMount("/", mount => mount
                    .Set("parent_mnt_id", archive.MountId("/")).Set("root", "/l/canary").Set("mountpoint", "/mnt"));
                archive.Rootfs(Folder("mnt"), Link("l", archive.Target.Folder));
            }),
        Create(
            "second-proc-on-top",
            "a second /proc, without the masks of the first",
            isTypical: true,
            archive => archive.AddMount("/proc", mount => mount.Set("parent_mnt_id", archive.MountId("/proc")))),
        Create(
            "proc-at-read-only-path",
            "a /proc of its own, without masks, at a path that the spec lists as read-only",
            isTypical: false,
            archive => Beside(archive, "/proc", _ => { })),
        Create(
            "second-proc-sys-writable",
            "a writable /proc/sys on top of the read-only one",
            isTypical: false,
            archive => archive.AddMount("/proc/sys", mount => mount
                .Set("parent_mnt_id", archive.MountId("/proc/sys")).Set("flags", SettledMountFlags))),
        Create(
            "debugfs",
            "the kernel's debugfs in the container",
            isTypical: false,
            archive => Other(archive, CriuFileSystem.Debugfs, "debugfs")),
        Create(
            "overlay-of-host",
            "an overlay of host folders",
            isTypical: false,
            archive => Other(archive, CriuFileSystem.Overlayfs, "overlay", $"lowerdir={archive.Target.Canary}:/etc")),
        Create("devtmpfs", "the host's devices", isTypical: false, archive => Other(archive, CriuFileSystem.Devtmpfs, "devtmpfs")),
        Create(
            "second-root-overlay",
            "a second root, of host folders",
            isTypical: false,
            archive => archive.AddMount("/", mount => mount
                .Set("parent_mnt_id", archive.MountId("/")).Set("root_dev", 999)
                .Set("options", $"lowerdir={archive.Target.Canary}:/etc"))),
        Create(
            "deleted-bind-makes-folder",
            "folders made on the host: CRIU makes the root of a bind that is said to be deleted",
            isTypical: true,
            archive =>
            {
                archive.ReadOnlyPath("/mnt");
                archive.AddMount("/", mount => mount
                    .Set("parent_mnt_id", archive.MountId("/")).Set("root", "/l/canary/new/made").Set("mountpoint", "/mnt")
                    .Set("deleted", 1));
                archive.Rootfs(Folder("mnt"), Link("l", archive.Target.Folder));
            }),
        Create("fusectl", "the host's connections of FUSE", isTypical: false, archive => Other(archive, CriuFileSystem.Fusectl, "fusectl")),
        Create(
            "securityfs",
            "the kernel's securityfs",
            isTypical: false,
            archive => Other(archive, CriuFileSystem.Securityfs, "securityfs")),
        Create(
            "sysfs-writable-at-read-only-path",
            "a writable /sys",
            isTypical: false,
            archive => Beside(archive, "/sys", mount => mount.Set("flags", SettledMountFlags).Set("sb_flags", 0))),
        Create(
            "masks-with-another-parent",
            "a /proc without masks: they are made beneath the root, where /proc then covers them",
            isTypical: false,
            archive =>
            {
                var root = archive.MountId("/");
                archive.Mounts(mounts =>
                {
                    foreach (var mount in mounts)
                    {
                        if (mount.Record.Text("mountpoint").StartsWith("/proc/", StringComparison.Ordinal))
                            mount.Set("parent_mnt_id", root);
                    }
                });
                archive.Rootfs(Folder("proc"), Folder("proc/acpi"), RegularFile("proc/keys"), RegularFile("proc/timer_list"),
                    RegularFile("proc/interrupts"));
            }),
    ];

    private static Attack Create(string name, string aim, bool isTypical, Action<HostileArchive> make) => new()
    {
        Name = name,
        Kind = AttackKind.Mounts,
        Aim = aim,
        IsTypical = isTypical,
        IsSeenInJail = SeenInJail.Contains(name),
        Make = make,
    };

    // Another mount of a file system that is there, at /mnt.
    private static void Beside(HostileArchive archive, string point, Action<EditableRecord> change)
    {
        archive.ReadOnlyPath("/mnt");
        archive.AddMount(point, mount =>
        {
            mount.Set("parent_mnt_id", archive.MountId("/")).Set("mountpoint", "/mnt");
            change(mount);
        });
        archive.Rootfs(Folder("mnt"));
    }

    // A file system of another type, at /mnt.
    private static void Other(HostileArchive archive, int fileSystem, string source, string? options = null) =>
        Beside(archive, "/proc", mount =>
        {
            mount.Set("fstype", fileSystem).Set("source", source).Set("flags", Relatime);
            if (options is not null)
                mount.Set("options", options);
        });
}
