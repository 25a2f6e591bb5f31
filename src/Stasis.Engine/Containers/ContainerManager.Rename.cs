using Stasis.Engine.Common;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>Renames a container, which may run.</summary>
    /// <exception cref="InUseException">Another container has that name.</exception>
    public async Task RenameAsync(string nameOrId, string newName, CancellationToken cancellationToken = default)
    {
        ObjectName.Require("container", newName);
        using var container = await LockAsync(nameOrId, TransitionVerb.Rename, cancellationToken);
        container.Rename(newName);
    }
}
