using System.Text.Json;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Images;

/// <summary>
/// Device nodes that a container may have: those of every container (runtime-spec: default devices), and
/// those in its spec.
/// </summary>
internal sealed class AllowedDeviceNodes
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-device",
        Finds = "devices that the spec doesn't allow: in the device cgroup, open, deleted, or in `/dev`",
        Allow = "`device:/dev/fuse` for an open device, or one in a tmpfs; nothing for the rest",
        AllowName = "device",
    };

    // null, zero, full, random, urandom, tty, ptmx; c 136 is pts. c 0:0 is overlayfs's whiteout, not a device. Not c 5:1, the machine's
    // console: /dev/console of a container is its terminal.
    private static readonly (char, uint, uint)[] Everywhere =
        [('c', 1, 3), ('c', 1, 5), ('c', 1, 7), ('c', 1, 8), ('c', 1, 9), ('c', 5, 0), ('c', 5, 2), ('c', 0, 0)];

    private static readonly HashSet<string> Paths =
    [
        "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts/ptmx",
    ];

    private readonly HashSet<(char Type, uint Major, uint Minor)> _nodes = [.. Everywhere];
    private readonly HashSet<string> _paths = [.. Paths];

    /// <summary>Whether a path is that of a device node on the list.</summary>
    public bool Has(string path) => _paths.Contains(path) || path.StartsWith("/dev/pts/", StringComparison.Ordinal);

    /// <summary>Whether a node of that type ('b' or 'c') and number is on the list.</summary>
    public bool Has(char type, uint major, uint minor) =>
        _nodes.Contains((type, major, minor)) || (type == 'c' && major is >= 136 and <= 143);

    public static AllowedDeviceNodes FromSpec(OciSpec spec)
    {
        var list = new AllowedDeviceNodes();
        foreach (var device in SpecJson.Objects(spec.Linux?.Devices))
            list.Add(device);
        if (spec.Process?.Terminal == true)
            list._paths.Add("/dev/console");
        return list;
    }

    private void Add(JsonElement device)
    {
        if (SpecJson.Text(device, "path") is { } path)
            _paths.Add(path);
        if (SpecJson.Text(device, "type") is { Length: 1 } type
            && SpecJson.Number(device, "major") is <= uint.MaxValue and { } major
            && SpecJson.Number(device, "minor") is <= uint.MaxValue and { } minor)
            _nodes.Add((type is "b" ? 'b' : 'c', (uint)major, (uint)minor));
    }
}
