using System.Globalization;
using System.Text;
using Stasis.Engine.LazyPages;
using Stasis.Engine.Model;

namespace Stasis.Engine.Containers;

public sealed partial class ContainerManager
{
    /// <summary>How far the memory of a container is there that is supplied on demand; null if it is all there.</summary>
    public LazyPagesRecord? MemoryOnDemand(Container container) =>
        container.State.IsAlive ? LazyPagesRecord.Read(_engine.Layout.Container(container.Id).LazyPages) : null;
}
