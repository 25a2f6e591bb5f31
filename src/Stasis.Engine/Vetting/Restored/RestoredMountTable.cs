using Stasis.Linux.Files;
using Stasis.Linux.Mounts;

namespace Stasis.Engine.Vetting.Restored;

/// <summary>The mounts of a restored container, and those of the host.</summary>
internal sealed class RestoredMountTable
{
    private readonly Dictionary<ulong, MountEntry> _byId;
    private readonly Dictionary<ulong, MountEntry> _host;
    private readonly HashSet<string> _hostDevices;
    private readonly RestoredContainer _container;

    public RestoredMountTable(RestoredContainer container)
    {
        _container = container;
        Entries = MountEntry.Read(FormattableString.Invariant($"{container.Pid}"));
        _byId = Entries.ToDictionary(entry => entry.Id);
        var host = MountEntry.Read("self");
        _host = host.ToDictionary(entry => entry.Id);
        Host = host;
        _hostDevices = [.. host.Select(entry => entry.Device)];
    }

    /// <summary>The container's mounts.</summary>
    public IReadOnlyList<MountEntry> Entries { get; }

    /// <summary>The host's mounts.</summary>
    public IReadOnlyList<MountEntry> Host { get; }

    /// <summary>Whether a file system is mounted on the host, too.</summary>
    public bool IsOnHost(string device) => _hostDevices.Contains(device);

    /// <summary>The container's mount with an ID; null if it is none of the container's.</summary>
    public MountEntry? Find(ulong id) => _byId.GetValueOrDefault(id);

    /// <summary>The topmost mount at a path in the container, links followed; null if nothing is mounted exactly there.</summary>
    public MountEntry? FindAt(string path)
    {
        using var root = RootedPath.Open(FormattableString.Invariant($"/proc/{_container.Pid}/root"));
        return root.TryFind(path) is { IsMountRoot: true } file ? Find(file.MountId) : null;
    }

    /// <summary>
    /// The mount that a plain path in the container lies in: of those at it or above it the innermost, and of those at one place the last.
    /// </summary>
    public MountEntry? FindCovering(string path) => Entries
        .Where(entry => entry.Point == "/" || entry.Point == path || path.StartsWith(entry.Point + "/", StringComparison.Ordinal))
        .OrderBy(entry => entry.Point.Length).LastOrDefault();

    /// <summary>What a path of the host is in its file system: device, and the path from the file system's own root.</summary>
    public (string Device, string Root)? Identify(string hostPath)
    {
        if (FileMountStatus.TryRead(hostPath) is not { } file || !_host.TryGetValue(file.MountId, out var mount))
            return null;
        var real = RealPath.TryResolve(hostPath) ?? hostPath;
        var within = mount.Point == "/" ? real : real[Math.Min(mount.Point.Length, real.Length)..];
        return (mount.Device, Join(mount.Root, within));
    }

    /// <summary>A path below a mount's root.</summary>
    public static string Join(string root, string within) => within is "" or "/" ? root : root == "/" ? within : root + within;
}
