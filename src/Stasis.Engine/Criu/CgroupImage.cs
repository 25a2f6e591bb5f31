using Stasis.Engine.Criu.Images;

namespace Stasis.Engine.Criu;

/// <summary>The cgroups that processes were in: cgroup.img.</summary>
internal static class CgroupImage
{
    /// <summary>The image's name.</summary>
    public const string Name = "cgroup.img";

    /// <summary>
    /// Lists the names of groups with processes that lie beneath another group with processes, as a container makes them in its own
    /// cgroup. Each name once, relative to that other group; empty if there is no image.
    /// </summary>
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public static IReadOnlyList<string> ReadNested(string path)
    {
        if (LocalImageFile.TryReadFirst(path, ImageKind.Get("cgroup")) is not { } image)
            return [];
        var paths = image.Children("sets").SelectMany(set => set.Children("ctls")).Select(member => member.Text("path")).ToHashSet();
        return [.. paths.SelectMany(inner => Ancestors(inner).Where(paths.Contains).Select(outer => inner[(outer.Length + 1)..]))
            .Distinct().Order(StringComparer.Ordinal)];
    }

    // Every container's cgroup is beneath the root, which tells nothing.
    private static IEnumerable<string> Ancestors(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
            yield return path[..slash];
    }
}
