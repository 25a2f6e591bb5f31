using Stasis.Engine.Errors;
using Stasis.Engine.Images;
using Xunit;

namespace Stasis.UnitTests.Containers;

public sealed class VolumesTests
{
    [Fact]
    public void Binds_are_recursive_private_and_absolute()
    {
        var mount = BlueprintTests.Mount(Blueprints.Build(Blueprints.Options with { Volumes = ["/tmp:/data/./x:ro"] }).Spec, "/data/x");

        Assert.Equal(("bind", "/tmp", "ro rprivate rbind"), (mount.Type, mount.Source, string.Join(' ', mount.Options!)));
    }

    [Fact]
    public void Named_volumes_have_no_devices_and_no_setuid()
    {
        var (config, spec) = Blueprints.Build(Blueprints.Options with { Volumes = ["data:/data:nocopy"] });

        Assert.Equal("/var/lib/stasis/volumes/data/_data", BlueprintTests.Mount(spec, "/data").Source);
        Assert.Equal("rprivate nosuid nodev rbind", string.Join(' ', BlueprintTests.Mount(spec, "/data").Options!));
        var volume = Assert.Single(config.NamedVolumes!);
        Assert.Equal(("data", "/data", null as bool?), (volume.Name, volume.Destination, volume.IsAnonymous));
        Assert.Contains("nocopy", volume.Options!);
    }

    [Fact]
    public void Volumes_of_the_image_are_anonymous_and_give_way()
    {
        var image = Blueprints.Image with { Config = new ImageExecutionConfig { Cmd = ["x"], Volumes = ["/a", "/b/"] } };

        var config = Blueprints.Build(Blueprints.Options with { Volumes = ["/tmp:/a"] }, image).Config;

        var volume = Assert.Single(config.NamedVolumes!);
        Assert.Equal(("/b", true), (volume.Destination, volume.IsAnonymous));
        Assert.Matches("^[0-9a-f]{64}$", volume.Name);
    }

    [Fact]
    public void A_users_mount_takes_the_place_of_a_default_one()
    {
        var spec =
            Blueprints.Build(Blueprints.Options with
            {
                Volumes = ["/tmp:/dev", "/tmp:/run"],
                Tmpfs = ["/proc/sub:size=1m,mode=700,exec"]
            }).Spec;

        Assert.Equal("bind", BlueprintTests.Mount(spec, "/dev").Type);
        Assert.DoesNotContain(spec.Mounts!, mount => mount.Destination is "/dev/pts" or "/run/.containerenv");
        Assert.Equal("size=1m mode=700 exec rprivate nosuid nodev tmpcopyup",
            string.Join(' ', BlueprintTests.Mount(spec, "/proc/sub").Options!));
        Assert.True(spec.Mounts!
            .ToList()
            .FindIndex(m => m.Destination == "/proc") < spec.Mounts!.ToList().FindIndex(m => m.Destination == "/proc/sub"));
    }

    [Theory]
    [InlineData("/tmp:/a:ro:x", "incorrect volume format")]
    [InlineData("/tmp:a", "must be an absolute path")]
    [InlineData(":/a", "host directory cannot be empty")]
    [InlineData("/tmp:", "container directory cannot be empty")]
    [InlineData("/tmp:/", "can't replace the root file system")]
    [InlineData("/no/such:/a", "cannot mount /no/such: no such file or directory")]
    [InlineData("no name:/a", "volume name \"no name\": a name has letters, digits")]
    [InlineData("/tmp:/a:ro,rw", "only one of 'ro', 'rw' can be used")]
    [InlineData("/tmp:/a:fast", "unknown mount option \"fast\"")]
    [InlineData("/tmp:/a:size=1", "only allowed with tmpfs mounts")]
    [InlineData("/tmp:/a:U", "not supported")]
    public void Bad_volumes_are_refused(string volume, string message) =>
        Assert.Contains(message,
            Assert.ThrowsAny<StasisException>(() => Blueprints.Build(Blueprints.Options with { Volumes = [volume] })).Message);

    [Fact]
    public void Two_mounts_at_one_place_are_refused() =>
        Assert.Contains("duplicate mount destination", Assert.Throws<StasisException>(() =>
            Blueprints.Build(Blueprints.Options with { Volumes = ["/tmp:/a"], Tmpfs = ["/a"] })).Message);
}
