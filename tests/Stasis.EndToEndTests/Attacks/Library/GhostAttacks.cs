using static Stasis.EndToEndTests.Attacks.HostileArchive;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>Deleted and renamed files, which CRIU makes or links, and removes.</summary>
internal static class GhostAttacks
{
    // st_mode of stat(2): types, and setuid with 0755.
    private const uint Directory = 0x4000, Symlink = 0xA000, Regular = 0x8000, Device = 0x2000;
    private const uint SetUid = 0x9ED, Everything = 0x1FF, Plain = 0x1ED;

    private const uint First = 100, Second = 101; // IDs of files that the base archive doesn't have
    private const uint Number = 7; // a descriptor that its task doesn't have

    // Linux's number of /dev/null in the kernel's own form: 1:3.
    private const uint Null = 1 << 8 | 3;

    public static IReadOnlyList<Attack> All { get; } =
    [
        Create(
            "linked-remap-removes-host-file",
            "a file of the host is removed",
            isTypical: true,
            archive =>
            {
                archive.Rootfs(Link("l", archive.Target.Folder));
                archive.AddFile(First, "/tmp/a");
                archive.AddFile(Second, "/l/canary/victim");
                archive.RemapToLink(First, Second);
            }),
        Create(
            "ghost-on-host",
            "a setuid program on the host, for a moment",
            isTypical: false,
            archive =>
            {
                archive.Rootfs(Link("l", archive.Target.Folder));
                archive.AddFile(First, "/l/canary/evil");
                archive.RemapToGhost(First, 1);
                archive.AddGhost(1, Regular | SetUid, "#!/bin/sh\necho evil\n");
            }),
        Create(
            "ghost-on-host-stays",
            "a setuid program on the host: the first ghost is a symbolic link to the host's folder, and is removed before the second, "
                + "which was made through it and isn't found any more",
            isTypical: true,
            archive => ThroughLink(archive, "evil", Regular | SetUid, "#!/bin/sh\necho evil\n")),
        Create(
            "ghost-folder-on-host",
            "folders on the host",
            isTypical: false,
            archive =>
            {
                archive.Rootfs(Link("l", archive.Target.Folder));
                archive.AddFile(First, "/l/canary/deep/er/dir", mode: Directory | Plain);
                archive.RemapToGhost(First, 1);
                archive.AddGhost(1, Directory | Everything);
            }),
        Create(
            "ghost-folder-on-host-stays",
            "a folder on the host that everybody may write to",
            isTypical: false,
            archive => ThroughLink(archive, "newdir", Directory | Everything, fileMode: Directory | Plain)),
        Create(
            "linked-remap-in-container",
            "a file of the container is removed that its tasks never had open",
            isTypical: false,
            archive =>
            {
                archive.Rootfs(RegularFile("tmp/victim", "x"));
                archive.AddFile(First, "/tmp/a");
                archive.AddFile(Second, "/tmp/victim");
                archive.RemapToLink(First, Second);
            }),
        Create(
            "ghost-device-on-host-stays",
            "a device on the host",
            isTypical: false,
            archive => ThroughLink(archive, "null", Device | 0x1B6 /* 0666 */, device: Null)),
        Create(
            "kmsg-descriptor",
            "the kernel's log",
            isTypical: false,
            archive =>
            {
                archive.AddFile(First, "/proc/kmsg", mount: "/proc");
                archive.AddDescriptor(Number, First);
            }),
        Create(
            "host-file-via-symlink",
            "a descriptor of a host file: its name goes through a symbolic link of the root file system",
            isTypical: false,
            archive =>
            {
                archive.Rootfs(Link("l", archive.Target.Folder));
                archive.AddFile(First, "/l/canary/file");
                archive.AddDescriptor(Number, First);
            }),
        Create(
            "file-made-in-container",
            "a file that CRIU makes: flags of open(2) say O_CREAT",
            isTypical: false,
            archive =>
            {
                archive.AddFile(First, "/tmp/created", flags: 0x42 /* O_RDWR | O_CREAT */);
                archive.AddDescriptor(Number, First);
            }),
    ];

    private static Attack Create(string name, string aim, bool isTypical, Action<HostileArchive> make) =>
        new() { Name = name, Kind = AttackKind.Ghosts, Aim = aim, IsTypical = isTypical, Make = make };

    private static void ThroughLink(
        HostileArchive archive,
        string name,
        uint mode,
        string content = "",
        uint? fileMode = null,
        uint? device = null)
    {
        archive.AddFile(First, "/tmp/l");
        archive.AddFile(Second, $"/tmp/l.cr.1.ghost/{name}", mode: fileMode);
        archive.RemapToGhost(First, 1);
        archive.RemapToGhost(Second, 2);
        archive.AddGhost(1, Symlink | Everything, link: archive.Target.Canary);
        archive.AddGhost(2, mode, content, device: device);
    }
}
