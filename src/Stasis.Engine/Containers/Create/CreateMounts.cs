using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Create;

/// <summary>All mounts of a container: Podman's default ones, what the user asked for in their stead or besides, and Stasis's own files.</summary>
internal static class CreateMounts
{
    /// <summary>Where Podman puts the init that <c>--init</c> asks for; it must be there under that name for an archive to be restored by Podman.</summary>
    public const string InitPath = "/run/podman-init";

    /// <summary>Files that are bound from <see cref="ContainerLayout.EtcFile"/>: path in the container and name there.</summary>
    public static readonly IReadOnlyList<(string Destination, string Name)> EtcFiles =
        [("/etc/hosts", "hosts"), ("/etc/hostname", "hostname"), ("/etc/resolv.conf", "resolv.conf"), ("/run/.containerenv", ".containerenv")];

    /// <summary>Those, and one that only Podman's containers have (--tz).</summary>
    public static readonly IReadOnlyList<(string Destination, string Name)> EngineFiles = [.. EtcFiles, ("/etc/localtime", LocaltimeFile.Name)];

    internal static readonly string[] InitPlaces = ["/usr/libexec/podman/catatonit", "/usr/lib/podman/catatonit", "/usr/bin/catatonit"];

    public static IReadOnlyList<OciMount> Build(CreateOptions options, CreateVolumes volumes, ContainerLayout paths, bool cgroupsWritable, HostFacts host)
    {
        var mounts = new List<OciMount>(volumes.Mounts);
        var userDev = mounts.Any(mount => mount.Destination == "/dev");
        if (options.Init)
            Add([new OciMount { Destination = InitPath, Type = "bind", Source = FindInit(), Options = ["bind", "ro", "private"] }]);
        if (options.ReadOnly)
            Add(ReadWriteTmpfs());
        Add(Own(options.ReadOnly, paths));
        Add(KernelFileSystems(options.Privileged, cgroupsWritable, host));
        // Parents before what lies in them; OrderBy is stable.
        return [.. mounts.OrderBy(mount => mount.Destination.Count(c => c == '/'))];

        void Add(IEnumerable<OciMount> defaults)
        {
            // A user's /dev is a user's whole /dev, and nothing of Stasis's is put into a host's folder bound to /run.
            var taken = mounts.ToDictionary(mount => mount.Destination);
            mounts.AddRange(defaults.Where(mount => !taken.ContainsKey(mount.Destination)
                && !(userDev && mount.Destination.StartsWith("/dev/", StringComparison.Ordinal))
                && !(mount.Destination is "/run/.containerenv" or ContainerIdentity.Folder && taken.GetValueOrDefault("/run") is { Type: "bind" })));
        }
    }

    // What runtime-tools generates and Podman adds to it (pkg/specgen/generate/oci_linux.go).
    private static IEnumerable<OciMount> KernelFileSystems(bool privileged, bool cgroupsWritable, HostFacts host)
    {
        yield return Kernel("/proc", "proc", "nosuid", "noexec", "nodev");
        yield return Kernel("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
        yield return privileged
            ? Kernel("/sys", "sysfs", "rprivate", "nosuid", "noexec", "nodev", "rw")
            : Kernel("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro");
        yield return Kernel("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5");
        if (host.FileSystems.Contains("mqueue"))
            yield return Kernel("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev");
        yield return Kernel("/sys/fs/cgroup", "cgroup", "rprivate", "nosuid", "noexec", "nodev", "relatime", cgroupsWritable ? "rw" : "ro");
    }

    // Files and /dev/shm that Stasis makes for every container (podman libpod/container_internal_common.go: makeBindMounts).
    private static IEnumerable<OciMount> Own(bool readOnly, ContainerLayout paths)
    {
        string[] locked = readOnly ? ["ro", "nosuid", "noexec", "nodev"] : [];
        foreach (var (destination, name) in EtcFiles)
            yield return new OciMount { Destination = destination, Type = "bind", Source = paths.EtcFile(name), Options = ["bind", "rprivate", .. locked] };
        yield return new OciMount { Destination = ContainerIdentity.Folder, Type = "bind", Source = paths.EtcFile(ContainerIdentity.Source), Options = ["bind", "rprivate", "ro", "nosuid", "noexec", "nodev"] };
        yield return new OciMount { Destination = "/dev/shm", Type = "bind", Source = paths.Shm, Options = ["bind", "rprivate", "nosuid", "noexec", "nodev"] };
    }

    private static IEnumerable<OciMount> ReadWriteTmpfs() => ((string[])["/tmp", "/var/tmp", "/run"]).Select(destination =>
        new OciMount { Destination = destination, Type = "tmpfs", Source = "tmpfs", Options = ["rw", "rprivate", "nosuid", "nodev", "tmpcopyup"] });

    /// <summary>
    /// A spec whose binds have no link as source. CRIU 4.2 can't restore such a mount (criu/mount-v2.c: "Failed to move_mount … Invalid argument"); what create makes
    /// has none, but what comes from elsewhere may. Sources that lead nowhere stay, for the runtime to name them.
    /// </summary>
    public static OciSpec WithRealSources(OciSpec spec) => spec with
    {
        Mounts = spec.Mounts?.Select(mount => mount is { Type: "bind", Source: { } source } && RealPath.TryResolve(source) is { } real ? mount with { Source = real } : mount).ToList(),
    };

    /// <summary>The host's program that <c>--init</c> binds into containers.</summary>
    /// <exception cref="StasisException">There is none.</exception>
    public static string FindInit() => InitPlaces.Where(place => ExecutablePath.Find(place) is not null).Select(RealPath.TryResolve).FirstOrDefault()
        ?? throw new StasisException($"container-init binary not found on the host: {InitPlaces[0]}") { Remedy = "install catatonit" };

    private static OciMount Kernel(string destination, string type, params string[] options) =>
        new() { Destination = destination, Type = type, Source = type, Options = options };
}
