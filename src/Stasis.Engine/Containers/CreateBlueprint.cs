using Stasis.Engine.Images;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers;

/// <summary>
/// What a container is to be, worked out of a request and its image before anything is made. The spec is complete but for what only the mounted root file
/// system can tell (the user's numbers and home); <see cref="ContainerRoot.Prepare"/> fills that in at every start.
/// </summary>
/// <param name="Config">What was asked for; <see cref="ContainerConfig.NamedVolumes"/> lists the volumes that must be there before the first start.</param>
/// <param name="Spec">The OCI spec with host paths.</param>
internal sealed record ContainerBlueprint(ContainerConfig Config, OciSpec Spec)
{
    /// <summary>Checks the request and works out the container. Touches nothing.</summary>
    /// <exception cref="StasisException">The request can't be met; the message is Podman's where Podman has one.</exception>
    public static ContainerBlueprint Build(CreateOptions options, Image image, string id, string name, Layout layout, EngineOptions defaults) =>
        throw new NotImplementedException();
}
