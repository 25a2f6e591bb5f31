namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>The mounts of one mount namespace of the images, by their mount points.</summary>
internal sealed class MountPointIndex
{
    private readonly Dictionary<string, MountNode> _top = [];
    private readonly Dictionary<string, MountNode>.AlternateLookup<ReadOnlySpan<char>> _byPoint;

    public MountPointIndex(IReadOnlyList<MountNode> mounts)
    {
        All = mounts;
        _byPoint = _top.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var stack in mounts.GroupBy(mount => mount.Point))
        {
            // Of several at one point, that one is visible which no other one is mounted on.
            var covered = stack.Select(mount => mount.Parent).ToHashSet();
            _top[stack.Key] = stack.LastOrDefault(mount => !covered.Contains(mount.Id)) ?? stack.First();
        }
    }

    /// <summary>All mounts, in the image's order.</summary>
    public IReadOnlyList<MountNode> All { get; }

    /// <summary>The mount that a plain path lies in; null if there is none, for want of a root.</summary>
    public MountNode? Covering(ReadOnlySpan<char> path)
    {
        for (var rest = path; rest.Length > 1; rest = rest[..rest.LastIndexOf('/')])
        {
            if (_byPoint.TryGetValue(rest, out var mount))
                return mount;
        }
        return _top.GetValueOrDefault("/");
    }

    /// <summary>The mount that a mount's point lies in; null for the root.</summary>
    public MountNode? Above(MountNode mount) => mount.IsRoot ? null : Covering(ImagePathSyntax.Parent(mount.Point));
}
