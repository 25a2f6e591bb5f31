using static Stasis.EndToEndTests.Attacks.HostileArchive;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>Files below /proc that CRIU may open and the container may not, and magic links, which lead to CRIU's own files.</summary>
internal static class ProcFileAttacks
{
    private const uint Id = 100, Number = 7; // which the base archive doesn't have

    // The jail's own programs, read-only, and files that its /proc must have. In kallsyms are zeros, as CRIU has no CAP_SYSLOG.
    private static readonly string[] SeenInJail =
    [
        "criu-program", "symlink-to-magic-link", "iomem", "kallsyms",
    ];

    public static IReadOnlyList<Attack> All { get; } =
    [
        Create("kmsg", "the kernel's log", isTypical: true, archive => Open(archive, "/proc/kmsg")),
        Create(
            "criu-program",
            "a descriptor of the host's CRIU, through which its file can be opened for writing",
            isTypical: true,
            archive => Open(archive, "/proc/self/exe")),
        Create("kallsyms", "addresses of the kernel", isTypical: false, archive => Open(archive, "/proc/kallsyms")),
        Create(
            "symlink-to-magic-link",
            "a descriptor of the host's CRIU, through a symbolic link of the root file system",
            isTypical: false,
            archive =>
            {
                archive.Rootfs(Link("l", "/proc/self/exe"));
                archive.AddFile(Id, "/l");
                archive.AddDescriptor(Number, Id);
            }),
        Create("iomem", "physical addresses", isTypical: false, archive => Open(archive, "/proc/iomem")),
    ];

    private static Attack Create(string name, string aim, bool isTypical, Action<HostileArchive> make) => new()
    {
        Name = name,
        Kind = AttackKind.ProcFiles,
        Aim = aim,
        IsTypical = isTypical,
        IsSeenInJail = SeenInJail.Contains(name),
        Make = make,
    };

    private static void Open(HostileArchive archive, string path)
    {
        archive.AddFile(Id, path, mount: "/proc");
        archive.AddDescriptor(Number, Id);
    }
}
