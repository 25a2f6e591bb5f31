using System.Text;
using System.Text.Json;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Common;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Storage;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// What a checkpoint's container had changed in its root file system as one more layer on the image's, made once and shared by all
/// copies. It is made by doing to an overlay of the image what the container did: overlayfs itself then says what such a layer is.
/// </summary>
internal static class CheckpointLayer
{
    /// <summary>Makes the layer, unless it is there; returns false if the checkpoint has no changes to files.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="id">The checkpoint, which the caller holds.</param>
    /// <param name="image">Chain IDs of the image's layers, lowest first.</param>
    /// <param name="title">What messages call the checkpoint's source.</param>
    /// <param name="cancellation">If cancelled, there is no layer.</param>
    public static async Task<bool> EnsureAsync(
        StasisEngine engine, string id, IReadOnlyList<string> image, string title, CancellationToken cancellation)
    {
        var checkpoint = new CheckpointEntryPaths(engine.Layout.Checkpoint(id));
        if (!File.Exists(checkpoint.RootfsDiff) && !File.Exists(checkpoint.DeletedFiles) && !File.Exists(checkpoint.DeletedNames))
            return false;
        var layer = engine.Layout.CheckpointLayer(id, image[^1]);
        if (Directory.Exists(layer))
            return true;
        using var alone = await engine.Log.Locks.AcquireAsync(engine.Layout.CheckpointLayerLock(id), shared: false, cancellation);
        if (!Directory.Exists(layer))
        {
            var (layers, own) = (image.Reverse().Select(engine.Layout.Layer).ToList(), engine.Layout.CheckpointLayerOwn(id, image[^1]));
            await Task.Run(() => Make(engine.Layout, checkpoint, layers, layer, own, title, cancellation), cancellation);
        }
        alone.Remove();
        return true;
    }

    /// <summary>
    /// Copies files that can't stay in the shared layer into a container's own. overlayfs would break their hard links at the first write,
    /// and a process that had mapped the file would still see the old content. Called when the root file system is mounted.
    /// </summary>
    /// <param name="own">File that lists these files.</param>
    /// <param name="root">Mount point of the root file system.</param>
    public static void CopyUpUnshareable(string own, string root)
    {
        if (!File.Exists(own))
            return;
        using var rooted = RootedPath.Open(root);
        byte[]? first = null;
        var folders = new Dictionary<string, (byte[] Path, FileStatus Status)>();
        foreach (var name in JsonSerializer.Deserialize(File.ReadAllBytes(own), EngineJson.Default.StringArray) ?? [])
        {
            var path = Encoding.Latin1.GetBytes(name);
            if (path.Length == 0)
            {
                first = null;
                continue;
            }
            if (first is null)
            {
                // Setting its times, to what they are, is what copies it up.
                first = path;
                var status = rooted.Stat(path) ?? throw new LinuxException("lstat", $"{root}/{name}", Errno.ENOENT);
                rooted.SetTimes(path, status.ModifiedSeconds, status.ModifiedNanoseconds);
                continue;
            }
            var folder = path[..Math.Max(Array.LastIndexOf(path, (byte)'/'), 0)];
            folders.TryAdd(Encoding.Latin1.GetString(folder), (folder, rooted.Stat(folder)!.Value));
            rooted.Remove(path);
            rooted.Hardlink(first, path);
        }
        foreach (var (path, status) in folders.Values)
            rooted.SetTimes(path, status.ModifiedSeconds, status.ModifiedNanoseconds);
    }

    private static void Make(
        Layout layout,
        CheckpointEntryPaths checkpoint,
        IReadOnlyList<string> image,
        string layer,
        string own,
        string title,
        CancellationToken cancellation)
    {
        using var staging = StagingFolder.Create(layout);
        var upper = Path.Combine(staging.Path, "upper");
        var work = Path.Combine(staging.Path, "work");
        var merged = Path.Combine(staging.Path, "merged");
        PrivateDirectory.Create(work);
        PrivateDirectory.Create(merged);
        ContainerMounts.MakeUpper(upper);
        MountNamespace.RunInNew(() =>
        {
            Overlay.Make(merged, image, upper, work, isVolatile: true);
            try
            {
                RootfsDiff.Apply(checkpoint, merged, title, cancellation);
            }
            finally
            {
                Mount.Unmount(merged);
            }
        });
        FileSync.SyncTreeOrFileSystem(upper);
        FaultPoint.Hit("store.layer-made");
        PrivateDirectory.Create(Path.GetDirectoryName(layer)!);
        if (FindOwn(upper, CopyUpFiles.Find(checkpoint)) is { Length: > 0 } found)
            AtomicFile.Write(own, JsonSerializer.SerializeToUtf8Bytes(found, EngineJson.Default.StringArray), durable: true);
        Directory.Move(upper, layer);
        // A container that is made from it may get to the disk itself.
        foreach (var folder in (string[])[Path.GetDirectoryName(layer)!, checkpoint.Path, layout.Checkpoints])
            FileSync.SyncDirectory(folder);
    }

    /// <summary>
    /// The names of each file that has several or is one of <paramref name="single"/>; one character for each byte, with an empty one
    /// after a file's last.
    /// </summary>
    private static string[] FindOwn(string layer, IReadOnlySet<string> single)
    {
        var names = new Dictionary<ulong, List<string>>();
        using (var root = DirectoryHandle.Open(layer))
            FindOwn(root, "", single, names);
        return [.. names.Values.SelectMany(group => (string[])[.. group, ""])];
    }

    private static void FindOwn(DirectoryHandle folder, string prefix, IReadOnlySet<string> single, Dictionary<ulong, List<string>> names)
    {
        foreach (var name in folder.Names())
        {
            var status = folder.Stat(name);
            var path = prefix + Encoding.Latin1.GetString(name);
            if (status.IsDirectory)
            {
                using var child = folder.OpenFolder(name);
                FindOwn(child, path + "/", single, names);
            }
            // overlayfs makes all whiteouts one file.
            else if ((status.LinkCount > 1 && !Overlay.IsWhiteout(status)) || (status.IsRegularFile && single.Contains(path)))
            {
                if (!names.TryGetValue(status.Inode, out var group))
                    names[status.Inode] = group = [];
                group.Add(path);
            }
        }
    }
}
