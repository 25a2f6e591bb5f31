using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Containers.Files;

/// <summary>What is mounted on the host for a container while it runs: its root file system, its /dev/shm, its network namespace.</summary>
internal static class ContainerMounts
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes the folders that the container keeps while it exists. Its row is there by then, so its layers can't go any more.</summary>
    /// <exception cref="StasisException">They have gone already.</exception>
    public static void MakeFolders(Layout layout, Container container)
    {
        if (container.Layers.FirstOrDefault(layer => !Directory.Exists(layout.Layer(layer))) is { } missing)
        {
            throw new StasisException($"layer {missing} of image {container.Config.RootfsImageName} is missing: the image was removed meanwhile, or its files were")
            {
                Remedy = "pull, load or import the image again",
            };
        }
        var paths = layout.Container(container.Id);
        Directory.CreateDirectory(paths.Directory, Private);
        Directory.CreateDirectory(paths.Bundle, Private);
        Directory.CreateDirectory(paths.Work, Private);
        MakeUpper(paths.Upper);
        if (container is { Checkpoint: { } checkpoint, HasCheckpointLayer: true })
            LikeRootOf(layout.CheckpointLayer(checkpoint, container.Layers[^1]), paths.Upper);
    }

    /// <summary>Makes an overlay's upper directory.</summary>
    public static void MakeUpper(string path)
    {
        Directory.CreateDirectory(path);
        // An overlay's root shows its upper directory's mode. Podman gives every container's root this one, whatever its image has (containers/storage,
        // overlay: defaultPerms), and CRIU restores no process whose open folders have another mode than they had.
        using var upper = RootedPath.Open(path);
        upper.SetMode(".", 0x16D /* 0555 */);
    }

    // The overlay's root shows the owner, times and attributes of its upper directory as well, never those of a layer beneath it.
    private static void LikeRootOf(string layer, string path)
    {
        var status = FileStatus.Read(layer);
        using var upper = RootedPath.Open(path);
        upper.SetOwner(".", status.Uid, status.Gid);
        upper.SetMode(".", status.Permissions);
        foreach (var attribute in Xattrs.List(layer).Where(TarPackerOptions.IsPortable))
            upper.SetXattr(".", attribute, Xattrs.Get(layer, attribute));
        upper.SetTimes(".", status.ModifiedSeconds, status.ModifiedNanoseconds);
    }

    /// <summary>
    /// Mounts all of it, attaches it to its networks (as <paramref name="networks"/> says, or its configuration), and writes the files bound into it. Fails with
    /// nothing mounted. <paramref name="hold"/>: nothing passes on its networks until <see cref="NetworkLock.ReleaseAsync"/>.
    /// </summary>
    public static async Task MountAsync(LockedContainer locked, IReadOnlyDictionary<string, NetworkAttachment>? networks, bool hold, CancellationToken cancellation)
    {
        var (engine, container, paths) = (locked.Engine, locked.Container, locked.Paths);
        try
        {
            Directory.CreateDirectory(paths.RunDirectory, Private);
            MountRoot(engine.Layout, container, paths);
            Directory.CreateDirectory(paths.Shm);
            Stasis.Linux.Mounts.Mount.Make("shm", paths.Shm, "tmpfs", MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec, $"mode=1777,size={container.Config.ShmSize}");
            if (container.Config.CreateNetNs)
                Namespace.CreateNetwork(paths.NetNs);
            if (container.Config.CreateNetNs && hold)
                await NetworkLock.BlockAsync(paths.NetNs, engine.Log, cancellation);
            foreach (var volume in container.Config.NamedVolumes ?? [])
                engine.Volumes.Ensure(volume.Name, volume.IsAnonymous == true);
            await ContainerNetwork.ConnectAsync(locked, networks ?? container.Config.Networks, cancellation);
            EtcFiles.Write(locked.Container, paths);
        }
        catch
        {
            await engine.Networks.DisconnectAsync(container.Id, paths.NetNs);
            Unmount(paths);
            throw;
        }
    }

    /// <summary>Mounts its root file system alone, at <see cref="ContainerLayout.Merged"/>.</summary>
    public static void MountRoot(Layout layout, Container container, ContainerLayout paths)
    {
        Directory.CreateDirectory(paths.Merged);
        Overlay.Make(paths.Merged, layout.LowerLayers(container), paths.Upper, paths.Work);
    }

    /// <summary>
    /// Undoes what <see cref="MountAsync"/> mounted, and what a CRIU that was killed has left in the container's folders (its ".criu.cgyard.…"). Nothing where nothing is mounted.
    /// </summary>
    public static void Unmount(ContainerLayout paths)
    {
        Stasis.Linux.Mounts.Mount.Unmount(paths.Merged);
        Stasis.Linux.Mounts.Mount.Unmount(paths.Shm);
        Namespace.RemoveNetwork(paths.NetNs);
        Stasis.Linux.Mounts.Mount.UnmountBeneath(paths.Directory);
        Stasis.Linux.Mounts.Mount.UnmountBeneath(paths.RunDirectory);
    }
}
