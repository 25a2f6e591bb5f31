using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers;

/// <summary>What must be looked up or made in a container's mounted root file system before it starts.</summary>
internal static class ContainerRoot
{
    /// <summary>
    /// Looks up the user and makes the working directory and mount points' content: called at every start (not at restore), when the root file system is
    /// mounted at <see cref="ContainerLayout.Merged"/> and the volumes are there. Before the first start, empty new volumes get what the image has in their place.
    /// Gives the spec to save and to write into the bundle.
    /// </summary>
    /// <exception cref="StasisException">E.g. the image has no such user.</exception>
    public static OciSpec Prepare(Container container, ContainerLayout paths) => throw new NotImplementedException();
}
