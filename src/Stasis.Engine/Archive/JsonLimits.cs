namespace Stasis.Engine.Archive;

/// <summary>
/// How long lists and strings of an archive's JSON may be, by their place. All work on the dumps that is more than linear is thereby
/// bounded. The numbers are far above what engines write, and low enough that no list, compared with another, keeps a processor busy for
/// seconds.
/// </summary>
internal sealed class JsonLimits
{
    /// <summary>Items of a list, or fields of an object, that has no limit of its own.</summary>
    public const int MaxItems = 10_000;

    /// <summary>Bytes of a string, or of a field's name, that has no limit of its own.</summary>
    public const int MaxStringLength = 32 << 10;

    // The longest argument or variable that execve(2) accepts has 128 KiB; labels and annotations hold whole documents.
    private const int MaxTextLength = 1 << 20;

    // As many arguments as execve(2) accepts, of a byte each (ARG_MAX).
    private const int MaxArguments = 1 << 20;

    // More would be refused by the kernel (fs.mount-max has 100,000 for the whole namespace) or by CRIU's parasite first.
    private const int MaxMounts = 4000;

    private static readonly (string Path, int Items, int Bytes)[] OfSpec =
    [
        ("mounts", MaxMounts, MaxStringLength),
        ("mounts/*/options", 1000, MaxStringLength),
        ("process/args", MaxArguments, MaxTextLength),
        ("process/env", MaxItems, MaxTextLength),
        ("process/rlimits", 100, MaxStringLength),
        ("process/capabilities/*", 200, MaxStringLength), // the kernel has 41
        ("process/user/additionalGids", 1 << 16, MaxStringLength), // NGROUPS_MAX
        ("annotations", MaxItems, MaxTextLength),
        ("hooks/*", 100, MaxStringLength),
        ("linux/namespaces", 100, MaxStringLength), // the kernel has 8
        ("linux/maskedPaths", 1000, MaxStringLength),
        ("linux/readonlyPaths", 1000, MaxStringLength),
        ("linux/uidMappings", 340, MaxStringLength), // the kernel's limit
        ("linux/gidMappings", 340, MaxStringLength),
        ("linux/seccomp/syscalls", 2000, MaxStringLength), // the kernel has some 450 system calls
        ("linux/seccomp/syscalls/*/names", 2000, MaxStringLength),
        ("linux/seccomp/syscalls/*/args", 100, MaxStringLength), // a system call has 6
    ];

    private static readonly (string Path, int Items, int Bytes)[] OfConfig =
    [
        ("CreateCommand", MaxArguments, MaxTextLength),
        ("command", MaxArguments, MaxTextLength),
        ("entrypoint", MaxArguments, MaxTextLength),
        ("labels", MaxItems, MaxTextLength),
        ("namedVolumes", 1000, MaxStringLength),
        ("namedVolumes/*/options", 1000, MaxStringLength),
        ("newPortMappings", 2000, MaxStringLength),
        ("newNetworks", 200, MaxStringLength),
        ("orderedNetworks", 200, MaxStringLength),
        ("mounts", MaxMounts, MaxStringLength),
        ("secrets", 1000, MaxStringLength),
        ("healthcheck", 1000, MaxTextLength),
        ("healthcheck/*", 1000, MaxTextLength),
        ("startupHealthCheck", 1000, MaxTextLength),
        ("startupHealthCheck/*", 1000, MaxTextLength),
    ];

    private static readonly JsonLimits Default = new();
    private static readonly JsonLimits Spec = Create(OfSpec);
    private static readonly JsonLimits Config = Create(
        [.. OfConfig, .. OfSpec.Select(limit => ($"spec/{limit.Path}", limit.Items, limit.Bytes))]);

    // Paths that a container deleted: as many as an archive may have entries.
    private static readonly JsonLimits Deleted = new() { Items = int.MaxValue };

    private readonly Dictionary<string, JsonLimits> _fields = [];

    /// <summary>Items of the list, or fields of the object.</summary>
    public int Items { get; private set; } = MaxItems;

    /// <summary>Bytes of the string, or of each string in the list or object.</summary>
    public int Bytes { get; private set; } = MaxStringLength;

    /// <summary>The limits of an entry's value.</summary>
    public static JsonLimits ForEntry(string entry) => entry switch
    {
        ArchiveEntryNames.SpecDump => Spec,
        ArchiveEntryNames.ConfigDump => Config,
        ArchiveEntryNames.DeletedFiles => Deleted,
        _ => Default,
    };

    /// <summary>The limits of a field's value, or of a list's item, whose field is "*".</summary>
    public JsonLimits Field(string name) => _fields.GetValueOrDefault(name) ?? _fields.GetValueOrDefault("*") ?? Default;

    private static JsonLimits Create(IEnumerable<(string Path, int Items, int Bytes)> limits)
    {
        var root = new JsonLimits();
        foreach (var (path, items, bytes) in limits)
        {
            var place = root;
            foreach (var part in path.Split('/'))
                place = place._fields.TryGetValue(part, out var known) ? known : place._fields[part] = new JsonLimits();
            (place.Items, place.Bytes) = (items, bytes);
        }
        return root;
    }
}
