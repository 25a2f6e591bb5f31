using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.RuntimeCommand;
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
        var made = BundleSpec.Create(
            Parse(Bundle), "ID", Parse(Dumped), [Mount("/proc/kcore", "/dev/null"), Mount("/odd", "/odd")], "/s", "/criu.conf");

        Assert.Empty(made.PrivateMounts);
    }

    [Fact]
    public void Without_a_path_the_cgroup_is_named_by_the_ID() => Assert.Equal(
        "/ID", BundleSpec.Create(Parse("{}"), "ID", Parse("{}"), [], "/s", "/criu.conf").Spec.Linux!.CgroupsPath);

    [Fact]
    public void Sources_are_what_the_root_file_system_has_there()
    {
        var (root, sources) = (Path.Combine(_directory.Path, "root"), Path.Combine(_directory.Path, "sources"));
        Directory.CreateDirectory(root);
        Directory.CreateDirectory(sources);
        File.WriteAllText(Path.Combine(root, "data"), "");
        var made = BundleSpec.Create(
            Parse(Bundle), "ID", Parse(Dumped), [Mount("/etc/resolv.conf", "/etc/resolv.conf"), Mount("/data", "/data")], sources, "/c");

        made.CreateSources(root);

        Assert.Equal(["0", "1"], Directory.EnumerateFiles(sources).Select(path => Path.GetFileName(path)).Order());
    }

    private static BundleSpec Make(params string[] points) =>
        BundleSpec.Create(Parse(Bundle), "ID", Parse(Dumped), points.Select(point => Mount(point, point)), "/s", "/criu.conf");

    private static OciSpec Parse(string json) => JsonSerializer.Deserialize(json, EngineJson.Default.OciSpec)!;

    private static MountNode Mount(string point, string key) => new()
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
