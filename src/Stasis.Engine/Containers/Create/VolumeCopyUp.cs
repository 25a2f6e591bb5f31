using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Create;

/// <summary>A new volume starts with what the image has in its place (Podman's and Docker's "copy-up").</summary>
internal static class VolumeCopyUp
{
    /// <summary>
    /// Copies the folder that the volume will cover, with all that is in it (owners, modes, times, extended attributes, links), into the volume, unless
    /// that has something in it already. Nothing where the image has no folder there. The copy is made aside and moved in when it is whole.
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
            using var copy = DirectoryHandle.Open(staging.Path);
            foreach (var name in copy.Names())
                copy.MoveTo(name, target);
            Dress(layout.Volume(volume.Name), source.Stat("."u8));
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
            throw new StasisException($"copying the image's content into volume {volume}: {string.Join("; ", failures.InnerExceptions.Select(failure => failure.Message))}", failures);
        }

        void Pack()
        {
            using var stream = new FileStream(write, FileAccess.Write);
            var tar = new TarWriter(stream);
            // By its descriptor: the path may have links that lead elsewhere on the host.
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

    private static void Dress(string volume, FileStatus status)
    {
        using var root = RootedPath.Open(volume);
        root.SetOwner(".", status.Uid, status.Gid);
        root.SetMode(".", status.Permissions);
        root.SetTimes(".", status.ModifiedSeconds, status.ModifiedNanoseconds);
    }
}
