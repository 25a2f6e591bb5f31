using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Create;

/// <summary>
/// All mounts of a new container: Podman's defaults, the user's, which replace defaults or add to them, and the engine's own
/// files.
/// </summary>
internal static class ContainerSpecMounts
{
    /// <summary>Where Podman mounts the init process (--init). A restore by Podman needs the same path.</summary>
    public const string InitPath = "/run/podman-init";

    internal static readonly string[] InitSearchPaths =
        ["/usr/libexec/podman/catatonit", "/usr/lib/podman/catatonit", "/usr/bin/catatonit"];

    /// <summary>Builds the mounts, parents before the mounts below them.</summary>
    /// <param name="options">The user's options.</param>
    /// <param name="volumes">Mounts that the user and the image ask for.</param>
    /// <param name="paths">The container's paths.</param>
    /// <param name="cgroupsWritable">Mount /sys/fs/cgroup writable.</param>
    /// <param name="host">This host.</param>
    /// <exception cref="StasisException">The init program is missing.</exception>
    public static IReadOnlyList<OciMount> Build(
        CreateOptions options, RequestedMounts volumes, ContainerLayout paths, bool cgroupsWritable, HostFacts host)
    {
        var mounts = new List<OciMount>(volumes.Mounts);
        var userDev = mounts.Any(mount => mount.Destination == "/dev");
        if (options.Init)
            Add([new OciMount { Destination = InitPath, Type = "bind", Source = FindInit(), Options = ["bind", "ro", "private"] }]);
        if (options.ReadOnly)
            Add(ReadWriteTmpfs());
        Add(Own(options.ReadOnly, paths));
        Add(KernelFileSystems(options.Privileged, cgroupsWritable, host));
        // OrderBy is stable.
        return [.. mounts.OrderBy(mount => mount.Destination.Count(c => c == '/'))];

        void Add(IEnumerable<OciMount> defaults)
        {
            // A /dev of the user's replaces all mounts below /dev. Nothing is created in a folder of the host that is bound to /run.
            var taken = mounts.ToDictionary(mount => mount.Destination);
            var isRunBound = taken.GetValueOrDefault("/run") is { Type: "bind" };
            mounts.AddRange(defaults.Where(mount => !taken.ContainsKey(mount.Destination)
                && !(userDev && mount.Destination.StartsWith("/dev/", StringComparison.Ordinal))
                && !(isRunBound && mount.Destination is "/run/.containerenv" or IdentityFile.Folder)));
        }
    }

    // The mounts that runtime-tools generates and that Podman adds (pkg/specgen/generate/oci_linux.go).
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

    // Files and /dev/shm that the engine creates for every container (podman libpod/container_internal_common.go: makeBindMounts).
    private static IEnumerable<OciMount> Own(bool readOnly, ContainerLayout paths)
    {
        string[] locked = readOnly ? ["ro", "nosuid", "noexec", "nodev"] : [];
        foreach (var (destination, name) in EtcFiles.Bound)
            yield return Bind(destination, paths.EtcFile(name), locked);
        yield return Bind(IdentityFile.Folder, paths.EtcFile(IdentityFile.Source), ["ro", "nosuid", "noexec", "nodev"]);
        yield return Bind("/dev/shm", paths.Shm, ["nosuid", "noexec", "nodev"]);
    }

    private static IEnumerable<OciMount> ReadWriteTmpfs() => ((string[])["/tmp", "/var/tmp", "/run"]).Select(destination => new OciMount
    {
        Destination = destination,
        Type = "tmpfs",
        Source = "tmpfs",
        Options = ["rw", "rprivate", "nosuid", "nodev", "tmpcopyup"],
    });

    /// <summary>
    /// Returns the spec with links resolved in the sources of its binds. CRIU 4.2 can't restore a bind whose source is a link
    /// (criu/mount-v2.c: "Failed to move_mount … Invalid argument"). Stasis creates no such binds, but a spec from an archive may
    /// have them. A source that doesn't exist stays, for the runtime to report.
    /// </summary>
    public static OciSpec WithRealSources(OciSpec spec) => spec with { Mounts = spec.Mounts?.Select(WithRealSource).ToList() };

    /// <summary>Finds the host's init program, which is bound into containers with --init.</summary>
    /// <exception cref="StasisException">There is none.</exception>
    public static string FindInit() =>
        InitSearchPaths.Where(place => ExecutablePath.Find(place) is not null).Select(RealPath.TryResolve).FirstOrDefault()
        ?? throw new StasisException($"container-init binary not found on the host: {InitSearchPaths[0]}") { Remedy = "install catatonit" };

    private static OciMount WithRealSource(OciMount mount) =>
        mount is { Type: "bind", Source: { } source } && RealPath.TryResolve(source) is { } real ? mount with { Source = real } : mount;

    private static OciMount Bind(string destination, string source, string[] options) =>
        new() { Destination = destination, Type = "bind", Source = source, Options = ["bind", "rprivate", .. options] };

    private static OciMount Kernel(string destination, string type, params string[] options) =>
        new() { Destination = destination, Type = type, Source = type, Options = options };
}
