using Xunit;

namespace Stasis.EndToEndTests.Interop.Workloads;

/// <summary>Two named volumes, entry by entry; they are gone from where they were.</summary>
public sealed class VolumesWorkload(Cell cell) : Workload
{
    private readonly string _name = $"interop-{Guid.NewGuid():N}"[..20];
    private string[] _before = [];

    public override string Title => "two volumes";

    public override IReadOnlyList<Limit> Limits { get; } =
    [
        Trees.WholeSeconds,
        new(Direction.StasisToPodman, "Podman doesn't restore the time of the directory itself", "."),
    ];

    public override IReadOnlyList<string> Volumes => [_name + "-a", _name + "-b"];

    public override IReadOnlyList<string> RunOptions => ["-v", $"{_name}-a:/data/a", "-v", $"{_name}-b:/data/b"];

    public override async Task BeginAsync(Side side, string container)
    {
        _before = await ListsAsync(side, container,
            "cd /data/a; mkdir -m 710 d; echo a >d/file; chown 5:6 d d/file; chmod 2640 d/file; ln -s d/file link; chown 7:8 /data/a; "
                + "chmod 1775 /data/a; head -c 300000 /dev/urandom >/data/b/random; ln /data/b/random /data/b/linked; ");
    }

    public override async Task CheckAsync(Side side, string container)
    {
        foreach (var (before, after) in _before.Zip(await ListsAsync(side, container, "")))
            Trees.AssertSame(before, after, Limits, cell.Direction);
        // They are volumes of the new engine, not the container's own files.
        Assert.Equal(Volumes, (await side.OkAsync(["volume", "inspect", "--format", "{{.Name}}", .. Volumes])).Split('\n'));
    }

    // Of both, by one command.
    private static async Task<string[]> ListsAsync(Side side, string container, string script) =>
        (await side.ShellAsync(container, script + "files list /data/a; echo ==; files list /data/b")).Split("\n==\n") is [_, _] lists
            ? lists
            : throw new InvalidDataException("not two lists");
}
