using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.UnitTests.Containers;
using Xunit;

namespace Stasis.UnitTests.Checkpoints;

public sealed class ExportedSpecTests
{
    [Fact]
    public void Volumes_lie_where_Podman_has_them_and_a_restore_finds_its_own()
    {
        var (config, spec) = Blueprints.Build(Blueprints.Options with { Volumes = ["data:/data", "/tmp:/bind"] });

        var exported = ExportedSpec.Create(new Container(config, spec, new ContainerState()));
        var restored = RestoredContainerConfig.Adopt(config, exported, config.Id, config.Name, new Layout("/r", "/rr"));

        Assert.Equal("/var/lib/containers/storage/volumes/data/_data", Source(exported, "/data"));
        Assert.Equal("/tmp", Source(exported, "/bind"));
        Assert.Equal("/r/volumes/data/_data", Source(restored.Spec, "/data"));

        static string? Source(Stasis.Engine.RuntimeSpec.OciSpec spec, string destination) =>
            spec.Mounts!.Single(mount => mount.Destination == destination).Source;
    }
}
