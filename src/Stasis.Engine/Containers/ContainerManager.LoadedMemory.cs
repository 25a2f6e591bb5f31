using Stasis.Engine.LazyPages;
using Stasis.Engine.Model;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>Returns how much memory of a container is loaded, while it is supplied on demand; null if all of it is loaded.</summary>
    public LazyPagesProgress? MemoryOnDemand(Container container) =>
        container.State.IsAlive ? LazyPagesProgress.Read(_engine.Layout.Container(container.Id).LazyPages) : null;
}
