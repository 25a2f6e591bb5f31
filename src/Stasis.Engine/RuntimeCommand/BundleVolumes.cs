using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Images.Namespaces;
using Stasis.Linux.Files;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// The volumes of a checkpoint, whose content goes into what the bundle has mounted in their places: into folders that are empty, since
/// what an engine's volume holds may be newer.
/// </summary>
internal sealed class BundleVolumes
{
    // While it is there, the folder isn't filled: a process that was killed left it so.
    private const string Mark = ".stasis-unfinished";

    // What mkfs makes in every file system.
    private const string LostAndFound = "lost+found";

    private readonly IReadOnlyList<(string Tar, string Destination, OciMount Mount)> _volumes;

    private BundleVolumes(IReadOnlyList<(string, string, OciMount)> volumes) => _volumes = volumes;

    /// <summary>Finds the mounts.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="config">Its config.dump.</param>
    /// <param name="spec">The bundle's spec.</param>
    /// <param name="title">What messages call the checkpoint.</param>
    /// <exception cref="StasisException">The bundle has none in the place of a volume that has content.</exception>
    public static BundleVolumes Find(CheckpointEntryPaths checkpoint, ContainerConfig config, OciSpec spec, string title)
    {
        List<(string, string, OciMount)> found = [];
        foreach (var volume in config.NamedVolumes ?? [])
        {
            var tar = checkpoint.Volume(volume.Name);
            if (!File.Exists(tar))
                continue;
            var mount = (spec.Mounts ?? []).LastOrDefault(mount =>
                SpecMount.Clean(mount.Destination) == SpecMount.Clean(volume.Destination) && RestoredMountSources.IsBind(mount));
            if (mount?.Source is null)
            {
                var point = volume.Destination;
                throw new StasisException($"{title} has the content of volume {volume.Name}, and nothing is mounted at {point}")
                {
                    Remedy = $"mount an empty volume at {point}",
                };
            }
            found.Add((tar, volume.Destination, mount));
        }
        return new BundleVolumes(found);
    }

    /// <summary>Fills those that are empty, and names the others in a warning.</summary>
    /// <param name="warn">Called with each warning.</param>
    /// <param name="cancellation">If cancelled, the next call begins anew.</param>
    /// <exception cref="IOException">A folder can't be written to.</exception>
    public void Fill(Action<string> warn, CancellationToken cancellation)
    {
        foreach (var (tar, destination, mount) in _volumes)
        {
            var folder = RealPath.TryResolve(mount.Source!)
                ?? throw new IOException($"{mount.Source}, to be mounted at {destination}, is not there");
            var why = mount.IsReadOnly ? "is read-only"
                : !Directory.Exists(folder) ? "is no folder"
                : IsInUse(folder) ? "isn't empty"
                : null;
            if (why is null)
                Fill(tar, folder, cancellation);
            else
                warn($"what is mounted at {destination} {why}: it stays as it is, without the content that the checkpoint has for it");
        }
    }

    private static bool IsInUse(string folder) => !File.Exists(Path.Combine(folder, Mark)) && ListContent(folder).Any();

    private static IEnumerable<string> ListContent(string folder) =>
        Directory.EnumerateFileSystemEntries(folder).Where(entry => Path.GetFileName(entry) is not (Mark or LostAndFound));

    private static void Fill(string tar, string folder, CancellationToken cancellation)
    {
        foreach (var left in ListContent(folder))
            FileTree.Remove(left);
        var mark = Path.Combine(folder, Mark);
        AtomicFile.Write(mark, [], durable: true);
        using (var content = File.OpenRead(tar))
        using (var reader = new TarReader(content))
        using (var root = RootedPath.Open(folder, throughLinks: false))
            TarExtractor.Extract(reader, root, new TarExtractorOptions(), cancellation);
        FaultPoint.Hit("bundle.volume");
        FileSync.SyncTree(folder);
        File.Delete(mark);
    }
}
