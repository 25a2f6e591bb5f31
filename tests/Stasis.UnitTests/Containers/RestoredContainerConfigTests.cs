using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Xunit;

namespace Stasis.UnitTests.Containers;

public sealed class RestoredContainerConfigTests
{
    private const string OldId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string NewId = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
    private static readonly Layout Layout = new("/r", "/rr");

    private static ContainerConfig Config => new()
    {
        Id = OldId,
        Name = "old",
        StaticDir = "/elsewhere/static",
        LogPath = "/etc/passwd",
        CreateNetNs = true,
        NamedVolumes = [new NamedVolume { Name = "data", Destination = "/data" }],
    };

    private static OciSpec Spec => new()
    {
        Process = new OciProcess { Args = ["sh"] },
        Root = new OciRoot { Path = "/elsewhere/merged", Readonly = true },
        Mounts =
        [
            Bind("/etc/hosts"), Bind("/dev/shm"), Bind("/data"), Bind("/srv/own"),
            new OciMount { Destination = "/proc", Type = "proc", Source = "proc" },
        ],
        Annotations = new Dictionary<string, string>
        {
            [Annotations.CriuConfig] = "/elsewhere/criu.conf",
            [Annotations.CriuConfig + "=/elsewhere"] = "",
            ["keep"] = "me"
        },
        Linux = new OciLinux
        {
            CgroupsPath = "/elsewhere",
            Namespaces = [new OciNamespace { Type = "pid" }, new OciNamespace { Type = "network", Path = "/elsewhere/netns" }],
        },
    };

    private static OciMount Bind(string destination) =>
        new() { Destination = destination, Type = "bind", Source = "/elsewhere" + destination, Options = ["ro"] };

    private static Container Adopt(ContainerConfig config) => RestoredContainerConfig.Adopt(config, Spec, NewId, "new", Layout);

    [Fact]
    public void Name_and_ID_are_the_new_ones_everywhere()
    {
        var container = Adopt(Config);

        Assert.Equal((NewId, "new"), (container.Id, container.Name));
        Assert.Equal($"/stasis/{NewId}", container.Spec.Linux!.CgroupsPath);
    }

    [Fact]
    public void Host_paths_are_those_of_the_own_layout()
    {
        var container = Adopt(Config);
        var paths = Layout.Container(NewId);
        var sources = container.Spec.Mounts!.ToDictionary(m => m.Destination, m => m.Source);

        Assert.Equal(paths.Merged, container.Spec.Root!.Path);
        Assert.Equal(paths.EtcFile("hosts"), sources["/etc/hosts"]);
        Assert.Equal(paths.Shm, sources["/dev/shm"]);
        Assert.Equal("/r/volumes/data/_data", sources["/data"]);
        Assert.Equal(paths.NetNs, container.Spec.Linux!.Namespaces![1].Path);
        Assert.Equal(paths.Log, container.Config.LogPath);
        Assert.DoesNotContain(container.Spec.Annotations!.Keys, key => key.StartsWith(Annotations.CriuConfig, StringComparison.Ordinal));
    }

    [Fact]
    public void Values_that_the_user_asked_for_stay()
    {
        var container = Adopt(Config);

        Assert.Equal("/elsewhere/srv/own", container.Spec.Mounts![3].Source);
        Assert.Equal(["ro"], container.Spec.Mounts[0].Options!);
        Assert.Equal("me", container.Spec.Annotations!["keep"]);
        Assert.True(container.Spec.Root!.Readonly);
    }

    [Fact]
    public void A_network_namespace_that_the_runtime_made_is_made_by_the_runtime_again()
    {
        var container = Adopt(Config with { CreateNetNs = false });

        Assert.Null(container.Spec.Linux!.Namespaces!.Single(ns => ns.Type == "network").Path);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Refuses_what_cannot_be_a_container_here(ContainerConfig config, OciSpec spec, string says)
    {
        var error = Assert.ThrowsAny<StasisException>(() => RestoredContainerConfig.Validate(config, spec, "a.tar"));

        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<ContainerConfig, OciSpec, string> Refused => new()
    {
        { Config with { Pod = "p" }, Spec, "cannot restore pod container" },
        { Config with { Dependencies = ["other"] }, Spec, "cannot import checkpoints of containers with dependencies" },
        { Config with { Id = "../../etc" }, Spec, "config.dump" },
        { Config, Spec with { Root = null }, "spec.dump" },
        { Config, Spec with { Linux = null }, "spec.dump" },
    };
}
