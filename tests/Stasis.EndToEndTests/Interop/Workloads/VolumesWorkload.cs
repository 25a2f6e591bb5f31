using Xunit;

namespace Stasis.EndToEndTests.Interop.Workloads;

/// <summary>Two named volumes, entry by entry; they are gone from where they were.</summary>
public sealed class VolumesWorkload(Cell cell) : Workload
{
    private readonly string _name = $"interop-{Guid.NewGuid():N}"[..20];
    private readonly Dictionary<string, string> _before = [];

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
        await side.ShellAsync(container, "cd /data/a; mkdir -m 710 d; echo a >d/file; chown 5:6 d d/file; chmod 2640 d/file; ln -s d/file link; chown 7:8 /data/a; chmod 1775 /data/a; head -c 300000 /dev/urandom >/data/b/random; ln /data/b/random /data/b/linked");
        foreach (var folder in (string[])["/data/a", "/data/b"])
            _before[folder] = await side.ListAsync(container, folder);
    }

    public override async Task CheckAsync(Side side, string container)
    {
        foreach (var (folder, before) in _before)
            Trees.AssertSame(before, await side.ListAsync(container, folder), Limits, cell.Direction);
        // They are volumes of the new engine, not the container's own files.
        foreach (var volume in Volumes)
            Assert.Equal(volume, await side.OkAsync("volume", "inspect", "--format", "{{.Name}}", volume));
    }
}
