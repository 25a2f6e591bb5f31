namespace Stasis.UnitTests.Archive.Hostile;

/// <summary>Links, devices, and types that no archive has.</summary>
internal static class HostileTypes
{
    public static IEnumerable<Hostile> All =>
    [
        Typed("ctr.log", '1', "/etc/passwd", "entry ctr.log: a checkpoint archive has no such entry (Hardlink)"),
        Typed("network.status", '1', "config.dump", "entry network.status: a checkpoint archive has no such entry (Hardlink)"),
        Typed("deleted.files", '2', "/etc/passwd", "entry deleted.files: a checkpoint archive has no such entry (Symlink)"),
        Typed("checkpoint", '2', "/etc", "entry checkpoint: a checkpoint archive has no such entry (Symlink)"),
        Typed("volumes", '2', "/", "entry volumes: a checkpoint archive has no such entry (Symlink)"),
        Typed("artifacts/a", '2', "/", "entry artifacts/a: a checkpoint archive has no such entry (Symlink)"),
        Typed("checkpoint/pages-1.img", '2', "/dev/sda", "entry checkpoint/pages-1.img: a checkpoint archive has no such entry (Symlink)"),
        Typed("checkpoint/parent", '1', "/etc", "entry checkpoint/parent: a checkpoint archive has no such entry (Hardlink)"),
        Typed("checkpoint/parent", '5', "", "entry checkpoint/parent: a checkpoint archive has no such entry (Directory)"),
        Typed("checkpoint/parent", '0', "", "entry checkpoint/parent: a checkpoint archive has no such entry (File)"),
        Typed("pre-checkpoint/parent", '2', "/etc", "entry pre-checkpoint/parent: a checkpoint archive has no such entry (Symlink)"),
        Typed("rootfs-diff.tar", '3', "", "entry rootfs-diff.tar: a checkpoint archive has no such entry (CharacterDevice)", "0000001\0"),
        Typed(
            "devshm-checkpoint.tar",
            '4',
            "",
            "entry devshm-checkpoint.tar: a checkpoint archive has no such entry (BlockDevice)",
            "0000010\0"),
        Typed("dump.log", '6', "", "entry dump.log: a checkpoint archive has no such entry (Fifo)"),
        Typed("ctr.log", 'M', "", "unknown type 'M'"),
        Typed("ctr.log", 'N', "", "unknown type 'N'"),
        Typed("ctr.log", '\u0001', "", "unknown type '?' (1)"),
        new(
            "links",
            "a folder's place is taken first",
            RawTar.Begun.Add("volumes", [], '2', "/tmp").Add("volumes/a.tar", "x").End(),
            "entry volumes: a checkpoint archive has no such entry (Symlink)"),
        new(
            "links",
            "the first entry",
            new RawTar().Add("config.dump", [], '2', "/etc/passwd").End(),
            "entry config.dump: a checkpoint archive has no such entry (Symlink)"),
    ];

    private static Hostile Typed(string name, char type, string link, string message, string major = "") => new(
        "types", $"{name} of type {type} {link}",
        RawTar.Begun.Add(name, [], type, link, header => Stasis.UnitTests.Formats.Tar.Tars.Bytes(major).CopyTo(header.AsSpan(329))).End(),
        message);
}
