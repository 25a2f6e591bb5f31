namespace Stasis.EndToEndTests.Interop.Workloads;

/// <summary>
/// A tree of everything that a file system can hold, and of all that can be done to what the image has (Programs/files.c), entry by entry.
/// </summary>
public sealed class FilesWorkload(Cell cell) : Workload
{
    private string _before = "";

    public override string Title => "file system";

    public override IReadOnlyList<Limit> Limits { get; } =
    [
        Trees.WholeSeconds,
        new(Direction.PodmanToStasis,
            "Podman archives a changed file of the image only if its host has a file at the same path (crutils: os.Stat)",
            "changed", "emptied/both", "folder-to-file", "folder-to-file/a", "folder-to-link", "folder-to-link/a", "grown", "link-changed",
                "linked-by-container", "linked-too", "mode-alone", "owner-alone", "time-alone"),
        new(
            Direction.PodmanToStasis,
            "owner, mode and time of the image's directories are not in Podman's archives (crutils handles files only)",
            ".",
            "emptied",
            "file-and-back",
            "same-folder",
            "untouched"),
        new(Direction.PodmanToStasis, "a deleted file comes back if its name isn't UTF-8: Podman's list of deleted files is JSON",
            @"deleted-\xff\xfe"),
        new(Direction.PodmanToStasis, "Podman's archives have zeros for holes", "sparse"),
        new(Direction.PodmanToStasis,
            "not tested, since Podman can't archive it: a directory in place of a file or link, an attribute with \"=\" in its name"),
        new(
            Direction.StasisToPodman,
            "times of directories in which something was deleted: Podman deletes after it has set them",
            ".",
            "emptied",
            "file-and-back"),
        new(
            Direction.StasisToPodman,
            "deleted files come back if their names aren't UTF-8; so do deleted symbolic links, whose targets Podman would delete",
            @"deleted-\xff\xfe",
            "link-deleted"),
        new(Direction.StasisToPodman, "Podman restores holes as zeros, and times before 1970 as 1970", "sparse", "time-before-1970"),
    ];

    // To make devices.
    public override IReadOnlyList<string> RunOptions => ["--cap-add", "mknod"];

    public override IReadOnlyList<string> Allowed => ["cap:MKNOD", "device-node:b:259:1048575"];

    public override async Task BeginAsync(Side side, string container)
    {
        List<string> script = ["files change /tree"];
        if (side.IsPodman)
            script.Add("(cd /tree; rm -r file-to-folder link-to-folder; touch -d '2001-01-01 00:00:00' .)");
        if (cell.Direction == Direction.StasisToStasis)
            script.Add("files big /tree");
        _before = await side.ShellAsync(container, string.Join(" && ", [.. script, "files list /tree"]));
    }

    public override async Task CheckAsync(Side side, string container) =>
        Trees.AssertSame(_before, await side.ListAsync(container, "/tree"), Limits, cell.Direction);
}
