using Stasis.Engine.Containers.Create;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Model;
using Stasis.Engine.Network;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Stasis.Linux.Network;

namespace Stasis.Engine.Containers.Files;

/// <summary>The mounts on the host that a container needs while it runs: root file system, /dev/shm, network namespace.</summary>
internal static class ContainerMounts
{
    /// <summary>
    /// Creates those of the container's folders that aren't there: a crash of the machine may have taken empty ones. Its row must be in
    /// the database: from then on its layers can't be removed.
    /// </summary>
    /// <exception cref="StasisException">A layer of its image is missing.</exception>
    public static void MakeFolders(Layout layout, Container container)
    {
        if (container.Layers.FirstOrDefault(layer => !Directory.Exists(layout.Layer(layer))) is { } missing)
        {
            throw new StasisException(
                $"layer {missing} of image {container.Config.RootfsImageName} is missing: "
                + "the image was removed meanwhile, or its files were")
            {
                Remedy = "pull, load or import the image again",
            };
        }
        var paths = layout.Container(container.Id);
        PrivateDirectory.Create(paths.Directory);
        PrivateDirectory.Create(paths.Bundle);
        PrivateDirectory.Create(paths.Work);
        if (container is not { Checkpoint: { } checkpoint, HasCheckpointLayer: true })
            checkpoint = null;
        var layer = checkpoint is null ? null : layout.CheckpointLayer(checkpoint, container.Layers[^1]);
        if (layer is not null && !Directory.Exists(layer))
        {
            var which = $"checkpoint {checkpoint![..12]}, which it was restored from";
            throw new StasisException($"container {container.Name}: the files of {which}, are missing: {layer}")
            {
                Remedy = "remove the container, and restore it again",
            };
        }
        if (Directory.Exists(paths.Upper))
            return;
        MakeUpper(paths.Upper);
        if (layer is not null)
            CopyRootAttributes(layer, paths.Upper);
    }

    /// <summary>Creates an overlay's upper directory.</summary>
    public static void MakeUpper(string path)
    {
        Directory.CreateDirectory(path);
        // An overlay's root has the mode of its upper directory. Podman gives the root of every container this mode, whatever the
        // image has (containers/storage, overlay: defaultPerms), and CRIU restores no process that has a folder open whose mode
        // differs from the dump.
        using var upper = RootedPath.Open(path);
        upper.SetMode(".", 0x16D /* 0555 */);
    }

    // The overlay's root has the owner, times and attributes of its upper directory too, never those of a lower layer.
    private static void CopyRootAttributes(string layer, string path)
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
    /// Mounts everything, attaches the container to its networks, and writes the files that are bound into it. A failed or
    /// cancelled call leaves nothing mounted.
    /// </summary>
    /// <param name="locked">The container.</param>
    /// <param name="networks">Its networks; null for those of its configuration.</param>
    /// <param name="hold">Block its networks until <see cref="NetworkPacketBlock.ReleaseAsync"/>.</param>
    /// <param name="cancellation">If cancelled, everything mounted so far is unmounted.</param>
    public static async Task MountAsync(
        LockedContainer locked, IReadOnlyDictionary<string, NetworkAttachment>? networks, bool hold, CancellationToken cancellation)
    {
        var (engine, container, paths) = (locked.Engine, locked.Container, locked.Paths);
        try
        {
            PrivateDirectory.Create(paths.RunDirectory);
            MakeFolders(engine.Layout, container);
            MountRoot(engine.Layout, container, paths);
            PrivateDirectory.Create(paths.Shm);
            const MountFlags Flags = MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec;
            Mount.Make("shm", paths.Shm, "tmpfs", Flags, $"mode=1777,size={GetShmSize(container)}");
            if (container.Config.CreateNetNs)
                NetworkNamespace.Create(paths.NetNs);
            if (container.Config.CreateNetNs && hold)
                await NetworkPacketBlock.BlockAsync(paths.NetNs, engine.Log, cancellation);
            foreach (var volume in container.Config.NamedVolumes ?? [])
                engine.Volumes.Ensure(volume.Name, volume.IsAnonymous == true, durable: false);
            await ContainerNetworkAttacher.ConnectAsync(locked, networks ?? container.Config.Networks, cancellation);
            EtcFiles.Write(locked.Container, paths);
        }
        catch
        {
            await engine.Networks.DisconnectAsync(container.Id, paths.NetNs);
            Unmount(paths);
            throw;
        }
    }

    // To the kernel, 0 means without a limit.
    private static long GetShmSize(Container container) =>
        container.Config.ShmSize is > 0 and var size ? size : CreateOptions.DefaultShmSize;

    /// <summary>Mounts only the root file system, at <see cref="ContainerLayout.Merged"/>.</summary>
    public static void MountRoot(Layout layout, Container container, ContainerLayout paths)
    {
        PrivateDirectory.Create(paths.Merged);
        Overlay.Make(paths.Merged, layout.LowerLayers(container), paths.Upper, paths.Work);
    }

    /// <summary>
    /// Unmounts what <see cref="MountAsync"/> mounted, and mounts that a killed CRIU has left in the container's folders
    /// (".criu.cgyard.…"). Does nothing if nothing is mounted.
    /// </summary>
    public static void Unmount(ContainerLayout paths)
    {
        Mount.Unmount(paths.Merged);
        Mount.Unmount(paths.Shm);
        NetworkNamespace.Remove(paths.NetNs);
        Mount.UnmountBeneath(paths.Directory);
        Mount.UnmountBeneath(paths.RunDirectory);
    }
}
