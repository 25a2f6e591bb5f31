using System.Globalization;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.ExternalEngines;

/// <summary>
/// Makes the files of another engine's container look like those of one of Stasis's, by links: root file system, layers, volumes. Nothing
/// of the engine's is changed, and removing the links leaves what they lead to.
/// </summary>
internal static class ExternalLayout
{
    /// <summary>Makes the links.</summary>
    /// <param name="layout">Where they are made.</param>
    /// <param name="id">The container's ID there.</param>
    /// <param name="found">The container.</param>
    /// <param name="spec">What Stasis takes it for.</param>
    /// <returns>Keys of the layers of its image, lowest first.</returns>
    public static IReadOnlyList<string> Link(Layout layout, string id, ExternalContainer found, ExternalSpec spec)
    {
        var paths = layout.Container(id);
        var overlay = OverlayRoot.Find(found.Task.Root, found.Name);
        foreach (var folder in (string[])[paths.Directory, paths.RunDirectory, paths.Bundle, layout.Layers])
            PrivateDirectory.Create(folder);
        Directory.CreateSymbolicLink(paths.Merged, found.Task.Root);
        Directory.CreateSymbolicLink(paths.Upper, overlay.Upper);
        if (spec.SharedMemoryFolder is { } memory)
            Directory.CreateSymbolicLink(paths.Shm, memory);
        foreach (var (volume, folder) in spec.Volumes.DistinctBy(volume => volume.Volume.Name))
        {
            var link = layout.Volume(volume.Name);
            PrivateDirectory.Create(Path.GetDirectoryName(link)!);
            Directory.CreateSymbolicLink(link, folder);
        }
        return LinkLayers(layout, overlay);
    }

    private static List<string> LinkLayers(Layout layout, OverlayRoot overlay)
    {
        var keys = new List<string>();
        foreach (var lower in overlay.Lowers.Reverse())
        {
            var key = keys.Count.ToString("x64", CultureInfo.InvariantCulture);
            Directory.CreateSymbolicLink(layout.Layer(key), lower);
            keys.Add(key);
        }
        return keys;
    }
}
