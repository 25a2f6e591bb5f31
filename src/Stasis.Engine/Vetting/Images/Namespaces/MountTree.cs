namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>The mounts of a namespace by their mount points, each of which is there once.</summary>
internal sealed class MountTree
{
    private readonly Dictionary<string, MountNode> _byPoint = [];
    private readonly Dictionary<MountNode, MountNode?> _covering = new(ReferenceEqualityComparer.Instance);

    /// <param name="mounts">Mounts with plain mount points. Of several with one mount point, the first counts.</param>
    public MountTree(IEnumerable<MountNode> mounts)
    {
        foreach (var mount in mounts)
            _byPoint.TryAdd(mount.Point, mount);
        // In this order, a folder comes directly before all that lies in it, so that one pass finds all of them.
        var above = new Stack<MountNode>();
        foreach (var mount in _byPoint.Values.OrderBy(mount => mount.Point.Replace('/', '\0'), StringComparer.Ordinal))
        {
            while (above.TryPeek(out var folder) && !ImagePathSyntax.IsWithin(mount.Point, folder.Point))
                above.Pop();
            _covering[mount] = above.TryPeek(out var covering) ? covering : null;
            above.Push(mount);
        }
    }

    public IReadOnlyCollection<MountNode> Mounts => _byPoint.Values;

    public MountNode? At(string point) => _byPoint.GetValueOrDefault(point);

    /// <summary>The mount that a mount's mount point lies in; null for the root, and for a mount that has another's mount point.</summary>
    public MountNode? Covering(MountNode mount) => _covering.GetValueOrDefault(mount);
}
