using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Files;

/// <summary>Fills a new volume with the files that the image has at its mount point ("copy-up" in Podman and Docker).</summary>
internal static class VolumeCopyUp
{
    /// <summary>
    /// Copies the content of the folder that the volume will cover (with owners, modes, times, extended attributes, links) into
    /// the volume. Does nothing if the volume has files already, or if the image has no folder there. The copy is complete, and on
    /// disk, before it is moved into the volume.
    /// </summary>
    public static void CopyUp(Layout layout, RootedPath root, NamedVolume volume)
    {
        using var target = DirectoryHandle.Open(layout.Volume(volume.Name));
        if (root.Stat(volume.Destination) is not { IsDirectory: true } || target.Names().Count > 0)
            return;
        using (var source = root.OpenFolder(volume.Destination))
        using (var staging = StagingFolder.Create(layout))
        {
            Copy(source, staging.Path, volume.Name);
            FileSync.SyncTree(staging.Path);
            using var copy = DirectoryHandle.Open(staging.Path);
            foreach (var name in copy.Names())
                copy.MoveTo(name, target);
            FileSync.SyncDirectory(layout.Volume(volume.Name));
            CopyAttributes(layout.Volume(volume.Name), source.Stat("."u8));
        }
    }

    private static void Copy(DirectoryHandle source, string target, string volume)
    {
        var (read, write) = Pipe.Create();
        try
        {
            Task.WaitAll(Task.Run(Pack), Task.Run(Unpack));
        }
        catch (AggregateException failures)
        {
            var reasons = string.Join("; ", failures.InnerExceptions.Select(failure => failure.Message));
            throw new StasisException($"copying the image's content into volume {volume}: {reasons}", failures);
        }

        void Pack()
        {
            using var stream = new FileStream(write, FileAccess.Write);
            var tar = new TarWriter(stream);
            // By descriptor: links in the path could lead elsewhere on the host.
            TarPacker.Write(tar, $"/proc/self/fd/{source.Handle.DangerousGetHandle()}", new TarPackerOptions { Sparse = true });
            tar.Finish();
        }

        void Unpack()
        {
            using var stream = new FileStream(read, FileAccess.Read);
            using var tar = new TarReader(stream);
            using var root = RootedPath.Open(target);
            TarExtractor.Extract(tar, root, new TarExtractorOptions { Devices = true });
        }
    }

    private static void CopyAttributes(string volume, FileStatus status)
    {
        using var root = RootedPath.Open(volume);
        root.SetOwner(".", status.Uid, status.Gid);
        root.SetMode(".", status.Permissions);
        root.SetTimes(".", status.ModifiedSeconds, status.ModifiedNanoseconds);
    }
}
