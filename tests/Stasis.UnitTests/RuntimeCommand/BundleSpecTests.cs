using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.RuntimeCommand;
using Stasis.Engine.RuntimeCommand.Mounts;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Images;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand;

/// <summary>The spec that a bundle's container is restored by.</summary>
public sealed class BundleSpecTests : IDisposable
{
    private const string Bundle = """
        {"ociVersion":"1.2.0","linux":{"cgroupsPath":"/c"},"annotations":{"a":"b"},"mounts":[
          {"destination":"/proc","type":"proc"},
          {"destination":"/etc/hosts","type":"bind","source":"/mine","options":["bind"]},
          {"destination":"/.stasis/","type":"bind","source":"/archive","options":["bind","ro"]}]}
        """;

    private const string Dumped = """
        {"mounts":[
          {"destination":"/etc/hosts","type":"bind","source":"/theirs","options":["bind"]},
          {"destination":"/etc/resolv.conf","type":"bind","source":"/theirs","options":["bind","ro","idmap","nosuid"]},
          {"destination":"/data","type":"bind","source":"/theirs","options":["rbind","rw","rprivate"]}]}
        """;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_checkpoint_is_not_mounted_and_what_the_bundle_lacks_is_private()
    {
        var made = Make("/etc/hosts", "/etc/resolv.conf", "/data");

        Assert.Equal(["/proc", "/etc/hosts", "/etc/resolv.conf", "/data"], made.Spec.Mounts!.Select(mount => mount.Destination));
        Assert.Equal("/mine", made.Spec.Mounts![1].Source);
        Assert.Equal(["/s/0", "/s/1"], made.PrivateMounts.Select(mount => mount.Source));
        Assert.Equal(["bind", "ro", "nosuid"], made.PrivateMounts[0].Options);
        Assert.Equal(["bind", "rw", "rprivate"], made.PrivateMounts[1].Options);
        Assert.Equal("/criu.conf", made.Spec.Annotations!["org.criu.config"]);
        Assert.Equal("b", made.Spec.Annotations["a"]);
        Assert.Equal("/c", made.Spec.Linux!.CgroupsPath);
    }

    [Fact]
    public void Masks_and_what_only_the_images_have_get_no_source()
    {
        var made = Make(Bundle, Dumped, Mount("/proc/kcore", "/dev/null"), Mount("/odd", "/odd"));

        Assert.Empty(made.PrivateMounts);
    }

    [Fact]
    public void Without_a_path_the_cgroup_is_named_by_the_ID() => Assert.Equal(
        "/ID", Make("{}", "{}").Spec.Linux!.CgroupsPath);

    [Fact]
    public void File_systems_masks_and_read_only_paths_of_the_checkpoint_stay()
    {
        const string Dumped = """
            {"mounts":[{"destination":"/run","type":"tmpfs","options":["size=1m"]},{"destination":"/gone","type":"tmpfs"}],
             "linux":{"maskedPaths":["/proc/kcore","/proc/keys"],"readonlyPaths":["/proc/sys"]}}
            """;

        var made = Make(
            """{"linux":{"maskedPaths":["/proc/acpi"]}}""",
            Dumped,
            Mount("/run", null),
            Mount("/proc/keys", "/dev/null"),
            Mount("/proc/sys", null));

        Assert.Equal(["size=1m", "nosuid", "nodev"], Assert.Single(made.Spec.Mounts!).Options);
        Assert.Equal(["/proc/acpi", "/proc/keys"], made.Spec.Linux!.MaskedPaths);
        Assert.Equal(["/proc/sys"], made.Spec.Linux.ReadonlyPaths);
    }

    /// <summary>What the bundle masks, another file system of that kind would show.</summary>
    [Theory]
    [InlineData("/q", "proc", "ro")]
    [InlineData("/q", "sysfs", "ro")]
    [InlineData("/q", "cgroup2", "ro")]
    [InlineData("/sys/fs/cgroup", "cgroup2", "rw")]
    [InlineData("/sys/fs/cgroup", "cgroup", "nosuid")]
    public void A_file_system_that_shows_the_host_is_not_kept(string point, string type, string option)
    {
        var dumped = $$"""{"mounts":[{"destination":"{{point}}","type":"{{type}}","options":["{{option}}"]}]}""";

        var made = Make(Bundle, dumped, Mount(point, null));

        Assert.DoesNotContain(made.Spec.Mounts!, mount => mount.Destination == point);
    }

    [Fact]
    public void Network_namespace_that_the_runtime_is_to_make_is_ours()
    {
        var made = Make("""{"linux":{"namespaces":[{"type":"network"},{"type":"ipc"}]}}""", "{}");

        Assert.Equal(["/n", null], made.Spec.Linux!.Namespaces!.Select(space => space.Path));
    }

    [Fact]
    public void Links_of_the_root_file_system_lead_to_the_mount_that_the_images_have()
    {
        Directory.CreateDirectory(Path.Combine(_directory.Path, "run"));
        Directory.CreateDirectory(Path.Combine(_directory.Path, "var"));
        var link = Path.Combine(_directory.Path, "var/run");
        File.CreateSymbolicLink(link, "/run");
        const string Dumped = """{"mounts":[{"destination":"/run/x","type":"bind","source":"/theirs","options":["bind"]}]}""";

        var made = Make(
            """{"mounts":[{"destination":"/var/run/x","type":"bind","source":"/mine","options":["bind"]}]}""",
            Dumped,
            Mount("/run/x", "/run/x"));
        File.Delete(link);

        Assert.Empty(made.PrivateMounts);
    }

    [Fact]
    public void Sources_are_what_the_root_file_system_has_there()
    {
        var (root, sources) = (Path.Combine(_directory.Path, "root"), Path.Combine(_directory.Path, "sources"));
        Directory.CreateDirectory(root);
        Directory.CreateDirectory(sources);
        File.WriteAllText(Path.Combine(root, "data"), "");
        var made = Make(
            Bundle, Dumped, [Mount("/etc/resolv.conf", "/etc/resolv.conf"), Mount("/data", "/data")], sources);

        made.CreateSources(root);

        Assert.Equal(["0", "1"], Directory.EnumerateFiles(sources).Select(path => Path.GetFileName(path)).Order());
    }

    private BundleSpec Make(params string[] points) => Make(Bundle, Dumped, [.. points.Select(point => Mount(point, point))], "/s");

    private BundleSpec Make(string bundle, string dumped, params MountNode[] mounts) => Make(bundle, dumped, mounts, "/s");

    private BundleSpec Make(string bundle, string dumped, MountNode[] mounts, string sources)
    {
        var spec = Parse(bundle);
        using var points = new MountPointResolver(_directory.Path, spec.Mounts ?? []);
        return BundleSpec.Create(spec, "ID", Parse(dumped), mounts, points, new BundleSpec.OwnPaths(sources, "/n", "/criu.conf"));
    }

    private static OciSpec Parse(string json) => JsonSerializer.Deserialize(json, EngineJson.Default.OciSpec)!;

    private static MountNode Mount(string point, string? key) => new()
    {
        Namespace = 0,
        Where = "",
        Id = 1,
        Parent = 0,
        FileSystem = 0,
        Device = 0,
        Flags = 0,
        FileSystemFlags = 0,
        Root = "/",
        Point = point,
        Source = "",
        Options = "",
        PeerGroup = 0,
        MasterGroup = 0,
        Key = key,
    };
}
