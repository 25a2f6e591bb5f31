using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Stasis.Engine.Archive;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// The paths that a container deleted from its image, absolute within its root, in two lists. Podman's list is JSON. Stasis's own
/// list, which Podman ignores, has the paths that are unsafe in JSON: names that aren't UTF-8, which JSON would change, perhaps
/// into another file's name; and symbolic links, which Podman 5.8 follows, to delete their targets.
/// </summary>
internal static class DeletedFileLists
{
    /// <summary>Writes those of the two lists that aren't empty.</summary>
    /// <param name="folder">The dump.</param>
    /// <param name="paths">The deleted paths, relative to the root.</param>
    /// <param name="isLink">Whether a path is a symbolic link in the image.</param>
    public static void Write(CheckpointEntryPaths folder, IReadOnlyCollection<byte[]> paths, Func<byte[], bool> isLink)
    {
        var ours = paths.Where(path => !Utf8.IsValid(path) || isLink(path)).ToHashSet();
        var podmans = paths.Where(path => !ours.Contains(path)).Select(path => "/" + Encoding.UTF8.GetString(path)).ToArray();
        if (podmans.Length > 0)
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(podmans, EngineJson.Default.StringArray);
            AtomicFile.Write(folder.DeletedFiles, json, durable: false);
        }
        if (ours.Count > 0)
        {
            var names = ours.SelectMany(path => (byte[])[(byte)'/', .. path, 0]).ToArray();
            AtomicFile.Write(folder.DeletedNames, names, durable: false);
        }
    }

    /// <summary>Reads the paths of both lists.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="archive">What error messages call the checkpoint.</param>
    public static IEnumerable<byte[]> Read(CheckpointEntryPaths folder, string archive)
    {
        var paths = new List<byte[]>();
        if (File.Exists(folder.DeletedFiles))
        {
            var names = ArchiveUnpacker.ReadJson(archive, folder.Path, ArchiveEntryNames.DeletedFiles, EngineJson.Default.StringArray);
            paths.AddRange(names.Select(Encoding.UTF8.GetBytes));
        }
        if (File.Exists(folder.DeletedNames))
        {
            var bytes = File.ReadAllBytes(folder.DeletedNames);
            foreach (var name in bytes.AsSpan().Split((byte)0))
            {
                if (bytes.AsSpan(name) is { Length: > 0 } path)
                    paths.Add(path.ToArray());
            }
        }
        return paths;
    }
}
