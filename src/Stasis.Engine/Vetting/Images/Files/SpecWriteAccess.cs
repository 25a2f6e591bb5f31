using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>Where the spec lets a container write.</summary>
internal sealed class SpecWriteAccess
{
    private readonly Dictionary<string, OciMount> _mounts = [];
    private readonly HashSet<string> _readOnly;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _isReadOnly;
    private readonly bool _hasReadOnlyRoot;

    public SpecWriteAccess(OciSpec spec)
    {
        foreach (var mount in spec.Mounts ?? [])
            _mounts[mount.Destination.Length > 1 ? mount.Destination.TrimEnd('/') : mount.Destination] = mount; // the last is on top
        _readOnly = [.. spec.Linux?.ReadonlyPaths ?? []];
        _isReadOnly = _readOnly.GetAlternateLookup<ReadOnlySpan<char>>();
        _hasReadOnlyRoot = spec.Root?.Readonly == true;
    }

    /// <summary>
    /// The spec's mount that a mount of the images is: by its place, or by the key of an external mount, which is the destination as
    /// the spec has it, before symbolic links are followed. Null if it isn't one.
    /// </summary>
    public OciMount? Find(MountNode mount) =>
        _mounts.GetValueOrDefault(mount.Point) ?? (mount.Key is { } key ? _mounts.GetValueOrDefault(key) : null);

    /// <summary>Whether the container can't write there, by the spec or by the mount's own flags.</summary>
    public bool IsReadOnly(string path, MountNode mount)
    {
        if ((mount.Flags & 1) != 0 || (mount.IsRoot && _hasReadOnlyRoot) || Find(mount)?.Options?.Contains("ro") == true)
            return true;
        for (var rest = path.AsSpan(); rest.Length > 1; rest = rest[..rest.LastIndexOf('/')])
        {
            if (_isReadOnly.Contains(rest))
                return true;
        }
        return false;
    }
}
