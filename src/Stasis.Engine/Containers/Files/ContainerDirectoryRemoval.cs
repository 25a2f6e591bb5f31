using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Files;

/// <summary>The files of a container that outlive a reboot.</summary>
internal static class ContainerDirectoryRemoval
{
    /// <summary>
    /// Removes the files. Unmounts what is still mounted first: otherwise the removal would reach files that are not the
    /// container's.
    /// </summary>
    public static void Remove(LockedContainer container)
    {
        ContainerMounts.Unmount(container.Paths);
        FileTree.Remove(container.Paths.Directory);
    }
}
