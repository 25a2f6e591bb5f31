using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// The paths that a container deleted from its image, absolute within its root, in two lists. Podman's is JSON. What that can't say, or Podman would misunderstand, is in one of our own,
/// which Podman passes over: names that aren't UTF-8, which would be mangled, into another file's perhaps; and symbolic links, which Podman 5.8 follows, to delete what they lead to.
/// </summary>
internal static class DeletedFiles
{
    /// <summary>Writes the lists that aren't empty.</summary>
    public static void Write(CheckpointFolder folder, IReadOnlyCollection<byte[]> paths, Func<byte[], bool> isLink)
    {
        var ours = paths.Where(path => !Utf8.IsValid(path) || isLink(path)).ToHashSet();
        var podmans = paths.Where(path => !ours.Contains(path)).Select(path => "/" + Encoding.UTF8.GetString(path)).ToArray();
        if (podmans.Length > 0)
            AtomicFile.Write(folder.DeletedFiles, JsonSerializer.SerializeToUtf8Bytes(podmans, EngineJson.Default.StringArray), durable: false);
        if (ours.Count > 0)
            AtomicFile.Write(folder.DeletedNames, ours.SelectMany(path => (byte[])[(byte)'/', .. path, 0]).ToArray(), durable: false);
    }

    /// <summary>What both lists have.</summary>
    public static IEnumerable<byte[]> Read(CheckpointFolder folder, string archive)
    {
        var paths = new List<byte[]>();
        if (File.Exists(folder.DeletedFiles))
            paths.AddRange(ArchiveReader.ReadJson(archive, folder.Path, ArchiveEntryNames.DeletedFiles, EngineJson.Default.StringArray).Select(Encoding.UTF8.GetBytes));
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
