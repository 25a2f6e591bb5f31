using Stasis.Engine.Containers.Supervision;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Files;

/// <summary>The files of a container that outlive a reboot.</summary>
internal static class ContainerFiles
{
    /// <summary>Removes them. Whatever is still mounted is unmounted first: removing would go through it into files that aren't the container's.</summary>
    public static void Remove(LockedContainer container)
    {
        ContainerMounts.Unmount(container.Paths);
        FileTree.Remove(container.Paths.Directory);
    }
}
