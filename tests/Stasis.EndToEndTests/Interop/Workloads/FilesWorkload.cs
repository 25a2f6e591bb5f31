namespace Stasis.EndToEndTests.Interop.Workloads;

/// <summary>A tree of everything that a file system can hold, and of all that can be done to what the image has (Programs/files.c), entry by entry.</summary>
public sealed class FilesWorkload(Cell cell) : Workload
{
    private string _before = "";

    public override string Title => "file system";

    public override IReadOnlyList<Limit> Limits { get; } =
    [
        Trees.WholeSeconds,
        new(Direction.PodmanToStasis, "a file of the image that was changed is in Podman's archive only if its own host has something at the same path, which is where Podman looks (crutils.CRCreateRootFsDiffTar: os.Stat)",
            "changed", "emptied/both", "folder-to-file", "folder-to-file/a", "folder-to-link", "folder-to-link/a", "grown", "link-changed", "linked-by-container", "linked-too", "mode-alone", "owner-alone", "time-alone"),
        new(Direction.PodmanToStasis, "owner, mode and time of the image's folders are not in Podman's archives (crutils: \"Changes to directories (owner, mode) are not handled\")", ".", "emptied", "file-and-back", "same-folder", "untouched"),
        new(Direction.PodmanToStasis, "a deleted file comes back if its name isn't UTF-8: Podman's list of them is JSON", @"deleted-\xff\xfe"),
        new(Direction.PodmanToStasis, "holes are zeros in Podman's archives", "sparse"),
        new(Direction.PodmanToStasis, "Podman can't checkpoint a container that has replaced a file, or a link, by a folder with something in it; and of one with an extended attribute whose name has an \"=\" it writes half an archive, and says nothing"),
        new(Direction.StasisToPodman, "folders' times where something in them was deleted: Podman deletes when it has set them", ".", "emptied", "file-and-back"),
        new(Direction.StasisToPodman, "a deleted file comes back if its name isn't UTF-8, as in Podman's own archives; and so does a deleted symbolic link, which Podman would follow, to delete what it leads to", @"deleted-\xff\xfe", "link-deleted"),
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

    public override async Task CheckAsync(Side side, string container) => Trees.AssertSame(_before, await side.ListAsync(container, "/tree"), Limits, cell.Direction);
}
