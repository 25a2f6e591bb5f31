using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>A mount of the spec, in the form that its image is compared with.</summary>
internal sealed class SpecMount
{
    // runtime-spec and mount(8): the last of an option and its opposite counts. With an r before it, it counts for the mounts below, too.
    private static readonly Dictionary<string, (uint Flag, bool IsSet)> Restrictions = new()
    {
        ["ro"] = (MountNode.ReadOnly, true),
        ["rw"] = (MountNode.ReadOnly, false),
        ["nosuid"] = (MountNode.NoSuid, true),
        ["suid"] = (MountNode.NoSuid, false),
        ["nodev"] = (MountNode.NoDev, true),
        ["dev"] = (MountNode.NoDev, false),
        ["noexec"] = (MountNode.NoExec, true),
        ["exec"] = (MountNode.NoExec, false),
    };

    private static readonly Dictionary<string, uint> FileSystems = new()
    {
        ["proc"] = MountNode.Proc,
        ["sysfs"] = MountNode.Sysfs,
        ["tmpfs"] = MountNode.Tmpfs,
        ["devpts"] = MountNode.Devpts,
        ["mqueue"] = MountNode.Mqueue,
        ["cgroup"] = MountNode.Tmpfs, // cgroup v1: a folder for the hierarchies
        ["cgroup2"] = MountNode.Cgroup2,
    };

    private readonly string[] _options;

    public SpecMount(OciMount mount)
    {
        Destination = Clean(mount.Destination);
        IsBind = RestoredMountSources.IsBind(mount) || mount.Type is null or "";
        Type = mount.Type ?? "";
        Source = mount.Source ?? "";
        _options = [.. mount.Options ?? []];
        foreach (var option in _options)
        {
            var name = option.StartsWith('r') && option.Length > 2 && Restrictions.ContainsKey(option[1..]) ? option[1..] : option;
            if (Restrictions.TryGetValue(name, out var restriction))
                Required = restriction.IsSet ? Required | restriction.Flag : Required & ~restriction.Flag;
        }
    }

    /// <summary>The mount point without doubled slashes, "." and "..": the kernel's, were there no symbolic links.</summary>
    public string Destination { get; }

    public string Type { get; }

    public string Source { get; }

    public bool IsBind { get; }

    /// <summary>Flags that the mount must have: ro, nosuid, nodev, noexec (MS_…).</summary>
    public uint Required { get; }

    /// <summary>
    /// The file system that the runtime mounts (enum fstype of images/mnt.proto); null for a bind, or if CRIU may not mount it.
    /// </summary>
    public uint? FileSystem => !IsBind && FileSystems.TryGetValue(Type, out var found) ? found : null;

    public bool HasOption(params IEnumerable<string> names) => names.Any(_options.Contains);

    /// <summary>The value of an option, KEY=VALUE; null if the spec has no such option.</summary>
    public string? Value(string key) =>
        _options.LastOrDefault(option => option.StartsWith(key + "=", StringComparison.Ordinal))?[(key.Length + 1)..];

    /// <summary>A path without empty parts, "." and "..".</summary>
    public static string Clean(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part is not ("" or "." or ".."))
                parts.Add(part);
        }
        return "/" + string.Join('/', parts);
    }
}
