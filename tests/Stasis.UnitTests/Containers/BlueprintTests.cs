using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.Common;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Xunit;

namespace Stasis.UnitTests.Containers;

public sealed class BlueprintTests
{
    [Fact]
    public void Plain_container_is_what_the_golden_file_says()
    {
        var spec = Blueprints.Build(Blueprints.Options with { SecurityOptions = ["seccomp=unconfined"] }).Spec;

        var json = JsonSerializer.Serialize(spec,
            new EngineJson(new JsonSerializerOptions(EngineJson.Default.Options) { WriteIndented = true }).OciSpec);

        Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Containers/Golden/plain.json")).TrimEnd(), json);
    }

    [Theory]
    [InlineData("counter", "localhost/counter:latest")]
    [InlineData("other:1", "localhost/other:1")]
    [InlineData("example.org/team/app", "example.org/team/app:latest")]
    [InlineData("app:latest", "example.org/team/app:latest")]
    [InlineData("fedcba98", "example.org/team/app:latest")] // by its ID: any of them
    public void Of_an_images_names_the_one_that_was_asked_for_is_recorded(string asked, string recorded)
    {
        var image = Blueprints.Image with { Names = ["example.org/team/app:latest", "localhost/counter:latest", "localhost/other:1"] };
        Assert.Equal(recorded, Blueprints.Build(Blueprints.Options with { Image = asked }, image).Config.RootfsImageName);
    }

    [Fact]
    public void Config_names_image_files_and_network()
    {
        var config = Blueprints.Build(Blueprints.Options).Config;

        Assert.Equal(("counter", "localhost/counter:latest", true, "none"),
            (config.Name, config.RootfsImageName, config.CreateNetNs, config.NetworkMode));
        Assert.Equal(15u, config.StopSignal);
        Assert.Equal(["sh", "-c", "count"], config.Command);
        Assert.Null(config.Stdin);
        // Podman unmounts these on the host.
        Assert.Equal([config.ShmDir!], Blueprints.Build(Blueprints.Options with { Tmpfs = ["/x"], Volumes = ["/tmp:/y"] }).Config.Mounts);
    }

    [Fact]
    public void Entrypoint_of_the_user_takes_the_images_command_away()
    {
        var image = Blueprints.Image with { Config = Blueprints.Image.Config with { Entrypoint = ["/init"], Cmd = ["serve"] } };

        Assert.Equal(["/init", "serve"], Args(Blueprints.Options));
        Assert.Equal(["/init", "check"], Args(Blueprints.Options with { Command = ["check"] }));
        Assert.Equal(["/bin/x"], Args(Blueprints.Options with { Entrypoint = ["/bin/x"] }));
        Assert.Equal(["/bin/x", "y"], Args(Blueprints.Options with { Entrypoint = ["/bin/x"], Command = ["y"] }));
        Assert.Equal(["y"], Args(Blueprints.Options with { Entrypoint = [], Command = ["y"] }));

        IReadOnlyList<string> Args(CreateOptions options) => Blueprints.Build(options, image).Spec.Process!.Args!;
    }

    [Fact]
    public void Nothing_to_run_is_an_error() =>
        Assert.Contains("no command or entrypoint", Assert.ThrowsAny<StasisException>(() =>
            Blueprints.Build(Blueprints.Options, Blueprints.Image with { Config = new() })).Message);

    [Theory]
    [InlineData("/", "in valid")]
    [InlineData("-x", "-x")]
    [InlineData("", "")]
    public void Bad_names_are_refused(string _, string name) =>
        Assert.Contains("a name has letters, digits, '_', '.' and '-' only",
            Assert.ThrowsAny<StasisException>(() => ObjectName.Require("container", name)).Message);

    [Fact]
    public void Read_only_root_has_writable_tmpfs_and_locked_files()
    {
        var spec = Blueprints.Build(Blueprints.Options with { ReadOnly = true }).Spec;

        Assert.True(spec.Root!.Readonly);
        Assert.Equal("tmpfs", Mount(spec, "/run").Type);
        Assert.Contains("tmpcopyup", Mount(spec, "/var/tmp").Options!);
        Assert.Contains("ro", Mount(spec, "/etc/hosts").Options!);
        Assert.DoesNotContain("ro", Mount(spec, "/dev/shm").Options!);
    }

    [Fact]
    public void Privileged_has_everything()
    {
        var spec = Blueprints.Build(Blueprints.Options with { Privileged = true }).Spec;

        Assert.Equal(41, spec.Process!.Capabilities!.Bounding!.Count);
        Assert.Null(spec.Linux!.Seccomp);
        Assert.Empty(spec.Linux.MaskedPaths!);
        Assert.Contains("rw", Mount(spec, "/sys").Options!);
        Assert.Equal("TRUE", spec.Annotations![Annotations.Privileged]);
    }

    [Fact]
    public void Host_network_has_no_network_namespace_and_the_hosts_name()
    {
        var spec = Blueprints.Build(Blueprints.Options with { Networks = ["host"] }).Spec;

        Assert.DoesNotContain(spec.Linux!.Namespaces!, space => space.Type == "network");
        Assert.Equal("box", spec.Hostname);
        Assert.Null(spec.Linux.Sysctl);
    }

    [Fact]
    public void Default_pids_limit_needs_the_controller_and_an_asked_for_one_insists()
    {
        var bare = Blueprints.Host with { Cgroups = new HostCgroups() };

        Assert.Null(Blueprints.Build(Blueprints.Options, host: bare).Spec.Linux!.Resources!.Pids);
        Assert.Equal(2048, Blueprints.Build(Blueprints.Options).Spec.Linux!.Resources!.Pids!.Limit);
        Assert.Null(Blueprints.Build(Blueprints.Options with { PidsLimit = -1 }).Spec.Linux!.Resources!.Pids);
        Assert.Contains("no pids cgroup controller",
            Assert.ThrowsAny<StasisException>(() => Blueprints.Build(Blueprints.Options with { PidsLimit = 5 }, host: bare)).Message);
    }

    [Fact]
    public void Limits_are_not_raised_without_the_capability()
    {
        var host = Blueprints.Host with
        {
            MayRaiseLimits = false,
            Limits = new Dictionary<string, (ulong, ulong)> { ["Max open files"] = (1024, 4096) }
        };

        var rlimits = Blueprints.Build(Blueprints.Options, host: host).Spec.Process!.Rlimits!;

        Assert.Equal(new OciRlimit { Type = "RLIMIT_NOFILE", Soft = 1024, Hard = 4096 }, rlimits[0]);
        Assert.Equal(1048576ul, rlimits[1].Hard);
    }

    internal static OciMount Mount(OciSpec spec, string destination) =>
        Assert.Single(spec.Mounts!, mount => mount.Destination == destination);
}
