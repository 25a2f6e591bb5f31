using Stasis.Engine.Common;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>Creates a container from an image, which is pulled if it is missing. After a failure no container is left.</summary>
    /// <exception cref="InUseException">Another container has the name.</exception>
    public async Task<Container> CreateAsync(CreateOptions options, CancellationToken cancellationToken = default)
    {
        if (options.Name is not null)
            ObjectName.Require("container", options.Name);
        Oci.Runtime.Find(_engine.Layout, options.Runtime ?? _engine.Options.Runtime);
        await _engine.Command.RequireInstalledAsync(cancellationToken);
        await _engine.RecoverAsync(cancellationToken);
        var image = _engine.Images.Find(options.Image) ?? await _engine.Images.PullAsync(options.Image, null, cancellationToken);
        while (true)
        {
            var name = options.Name ?? ContainerNameGenerator.Generate(_engine.ContainerStore.IsNameTaken);
            var blueprint = ContainerBlueprint.Build(options, image, ContainerNameGenerator.NewId(), name, _engine.Layout, _engine.Options);
            try
            {
                var container = new Container(blueprint.Config, blueprint.Spec, new ContainerState()) { Layers = image.Layers };
                return await CreateAsync(container, cancellationToken, options.StartsNext);
            }
            catch (InUseException) when (options.Name is null)
            {
                // Another process generated the same name: generate another.
            }
        }
    }

    /// <summary>Creates a container from its complete description. A failed or cancelled call leaves nothing of it.</summary>
    /// <param name="wanted">The container.</param>
    /// <param name="cancellationToken">A cancelled call leaves nothing of the container.</param>
    /// <param name="startsNext">As <see cref="CreateOptions.StartsNext"/>.</param>
    internal async Task<Container> CreateAsync(Container wanted, CancellationToken cancellationToken, bool startsNext = false)
    {
        using var container = await ReserveAsync(wanted, OperationKind.Create, null, cancellationToken);
        try
        {
            FaultPoint.Hit("create.reserved");
            ContainerMounts.MakeFolders(_engine.Layout, wanted);
            foreach (var volume in wanted.Config.NamedVolumes ?? [])
                _engine.Volumes.Ensure(volume.Name, volume.IsAnonymous == true, durable: false);
            FaultPoint.Hit("create.made");
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch
        {
            await FinishRemovalAsync(container);
            throw;
        }
        container.End(durable: !startsNext);
        return container.Container;
    }
}
