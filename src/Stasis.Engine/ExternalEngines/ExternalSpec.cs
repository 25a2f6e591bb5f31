using System.Globalization;
using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.ExternalEngines;

/// <summary>Another engine's container as one of Stasis's: as if Stasis had created it.</summary>
/// <param name="found">The container.</param>
/// <param name="id">Its ID as Stasis needs one: 64 hexadecimal digits.</param>
/// <param name="record">What its runtime keeps of it.</param>
internal sealed class ExternalSpec(ExternalContainer found, string id, RuntimeRecord record)
{
    private const string Network = "network", SharedMemory = "/dev/shm", DefaultNetwork = "podman";
    private const long DefaultSharedMemory = 64 << 20; // bytes

    private readonly OciSpec _spec = found.Task.Spec;

    /// <summary>Whether it has a network of its own, or of its pod: not the host's.</summary>
    private bool HasNetwork => _spec.Linux?.Namespaces?.Any(space => space.Type == Network) == true;

    /// <summary>The folder behind /dev/shm, if that is a bind: then CRIU doesn't dump what is in it.</summary>
    public string? SharedMemoryFolder =>
        FindMount(SharedMemory) is { Source: { } source } mount && RestoredMountSources.IsBind(mount) ? source : null;

    /// <summary>Named volumes by where they are mounted, and the folders that hold them.</summary>
    public IReadOnlyList<(NamedVolume Volume, string Folder)> Volumes =>
    [
        .. from mount in _spec.Mounts ?? []
           where RestoredMountSources.IsBind(mount) && found.Volumes is not null
           let folder = Path.GetDirectoryName(mount.Source)
           where Path.GetFileName(mount.Source) == "_data" && Path.GetDirectoryName(folder) == found.Volumes
           select (new NamedVolume
           {
               Name = Path.GetFileName(folder)!,
               Destination = mount.Destination,
               Options = mount.Options,
               // As engines name those that nobody has named.
               IsAnonymous = Path.GetFileName(folder) is { Length: 64 } name && name.All(char.IsAsciiHexDigitLower) ? true : null,
           }, mount.Source!),
    ];

    /// <summary>Creates the container, which runs.</summary>
    /// <param name="state">Its processes.</param>
    /// <param name="layers">Keys of the layers of its image, lowest first.</param>
    public Container Create(ContainerState state, IReadOnlyList<string> layers) => new(CreateConfig(), CreateSpec(), state)
    {
        Layers = layers,
        Resources = new EngineResources(record.Cgroups, file => ExternalLog.Copy(found, file)),
    };

    private ContainerConfig CreateConfig() => new()
    {
        Id = id,
        Name = found.Name,
        RawImageName = found.Image,
        RootfsImageName = found.Image,
        RootfsImageId = found.ImageId,
        ShmSize = FindSharedMemorySize(),
        NamedVolumes = [.. Volumes.Select(volume => volume.Volume)],
        User = FindUser(),
        CreateNetNs = HasNetwork,
        NetworkMode = !HasNetwork ? "host" : HasAddress() ? "bridge" : "none",
        Networks = HasNetwork && HasAddress() ? new Dictionary<string, NetworkAttachment> { [DefaultNetwork] = new() } : null,
        Command = _spec.Process?.Args,
        Stdin = null,
        StopSignal = 15,
        CreatedTime = DateTimeOffset.UtcNow,
        CgroupManager = "cgroupfs",
        LogDriver = "k8s-file",
        OciRuntime = Path.GetFileName(found.Task.Runtime),
    };

    // What only that engine can do is left out; namespaces of a pod are its own in a restored container.
    private OciSpec CreateSpec() => _spec with
    {
        Hooks = null,
        Annotations = _spec.Annotations?
            .Where(annotation => !annotation.Key.StartsWith(Annotations.CriuConfig, StringComparison.Ordinal)).ToDictionary(),
        Linux = _spec.Linux! with
        {
            // The images have the true path; systemd's form of it is another one.
            CgroupsPath = _spec.Linux.CgroupsPath is ['/', ..] path ? path : record.CgroupPath ?? $"/{id}",
            Namespaces = [.. (_spec.Linux.Namespaces ?? []).Select(space => space with { Path = null })],
        },
    };

    private OciMount? FindMount(string destination) => _spec.Mounts?.LastOrDefault(mount => mount.Destination == destination);

    private string? FindUser() => _spec.Process?.User is { } user
        ? string.Create(CultureInfo.InvariantCulture, $"{user.Uid}:{user.Gid}") : null;

    // "size=67108864", "size=65536k"
    private long FindSharedMemorySize()
    {
        var option = FindMount(SharedMemory)?.Options?.FirstOrDefault(option => option.StartsWith("size=", StringComparison.Ordinal));
        if (option is null)
            return DefaultSharedMemory;
        var text = option["size=".Length..];
        var unit = text.Length > 0 ? "kmg".IndexOf(char.ToLowerInvariant(text[^1]), StringComparison.Ordinal) + 1 : 0;
        return long.TryParse(unit > 0 ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number << (10 * unit) : DefaultSharedMemory;
    }

    // Whether its network namespace has more than a loopback device (proc_pid_net(5)): two lines of headings, one for each device.
    private bool HasAddress() => File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{record.Pid}/net/dev")).Count() > 3;
}
