using System.Text.RegularExpressions;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Network;
using Stasis.Engine.Oci;
using Stasis.Linux;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Host;

/// <summary>A program or file that Stasis drives or reads, and what depends on it.</summary>
internal sealed partial record Dependency
{
    public const string Criu = "criu";

    // A version is printed at once; a program that takes longer hangs.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    public required string Name { get; init; }

    /// <summary>Names on PATH, or paths: the first that is there is it.</summary>
    public required string[] Places { get; init; }

    /// <summary>Debian's package, where it isn't called as the part.</summary>
    public string? Package { get; init; }

    /// <summary>What to do if it is missing, where it isn't to install it.</summary>
    public string? Remedy { get; init; }

    public bool Required { get; init; }

    public string? Consequence { get; init; }

    /// <summary>What makes it print its version; null for a file.</summary>
    public string? VersionArgument { get; init; } = "--version";

    /// <summary>The oldest version that suffices, and why.</summary>
    public (Version Version, string Why)? Least { get; init; }

    /// <summary>Says of what the program printed why it doesn't suffice, or null.</summary>
    public Func<string, string?> Check { get; init; } = _ => null;

    /// <summary>Every part, with what is lost without it.</summary>
    public static IReadOnlyList<Dependency> All(EngineOptions options) =>
    [
        Runtime(options.Runtime),
        new()
        {
            Name = Criu,
            Places = ["criu"],
            Required = true,
            Least = (new Version(3, 17), "older ones have not been tried"),
            Consequence = "checkpoint and restore",
        },
        new()
        {
            Name = "conmon",
            Places = ConmonAccess.SearchPaths,
            Required = true,
            Least = (new Version(2, 1), "older ones have not been tried"),
            Consequence = "containers",
        },
        new()
        {
            Name = "tar",
            Places = ["tar"],
            Required = true,
            Consequence = "checkpoints of anything with a tmpfs, such as /dev: CRIU packs those with tar",
        },
        new()
        {
            Name = "gzip",
            Places = ["gzip"],
            Required = true,
            Consequence = "checkpoints of anything with a tmpfs, such as /dev: CRIU packs those with gzip",
        },
        new()
        {
            Name = "iptables",
            Places = ["iptables-restore"],
            Package = "iptables",
            Consequence = "checkpoints with established TCP connections: CRIU holds the network still with it meanwhile",
        },
        new()
        {
            Name = "ip",
            Places = ["ip"],
            Package = "iproute2",
            VersionArgument = "-V",
            Consequence = "restoring containers whose network namespace CRIU dumped",
        },
        new() { Name = "netavark", Places = Netavark.Places, Consequence = "networks other than none and host" },
        new() { Name = "aardvark-dns", Places = Netavark.DnsPlaces, Consequence = "names of containers on networks" },
        new()
        {
            Name = "nft",
            Places = ["nft"],
            Package = "nftables",
            Consequence = "networks other than none and host, where netavark uses nftables",
        },
        new()
        {
            Name = "skopeo",
            Places = ["skopeo"],
            Consequence = "pulling and loading images; importing a root file system still works",
        },
        new()
        {
            Name = "policy.json",
            Places = ["/etc/containers/policy.json"],
            Package = "golang-github-containers-common",
            VersionArgument = null,
            Consequence = "pulling images: skopeo asks it whose signatures to trust",
        },
        new()
        {
            Name = "seccomp.json",
            Places = SeccompFilterBuilder.Places,
            Package = "golang-github-containers-common",
            VersionArgument = null,
            Consequence = "new containers, unless with --security-opt seccomp=unconfined or a profile of your own",
        },
        new() { Name = "catatonit", Places = ContainerSpecMounts.InitSearchPaths, Consequence = "run --init" },
    ];

    public async Task<HostFinding> FindAsync(string searchPath, Distribution distribution, CancellationToken cancellation)
    {
        var remedy = Remedy ?? distribution.HowToInstall(Name, Package ?? Name);
        // What has no version is a file, not a program.
        var path = Places
            .Select(place => VersionArgument is not null ? ExecutablePath.Find(place, searchPath) : File.Exists(place) ? place : null)
            .FirstOrDefault(found => found is not null);
        var finding = new HostFinding
        {
            Name = Name,
            Path = path,
            Required = Required,
            Lost = Consequence,
            Remedy = remedy,
            Sufficient = false,
        };
        if (path is null)
            return finding with { Problem = "it is not there" };
        if (VersionArgument is null)
            return finding with { Sufficient = true, Lost = null, Remedy = null };
        string output;
        try
        {
            var result = await Spawn.RunAsync(new SpawnOptions { Program = path, Arguments = [VersionArgument] }, TimeLimit, cancellation);
            output = result.Output + result.Error;
        }
        catch (Exception exception) when (exception is LinuxException or TimeoutException)
        {
            return finding with { Problem = $"it does not run: {exception.Message}" };
        }
        var version = VersionPattern().Match(output) is { Success: true } match ? match.Value : null;
        finding = finding with { Version = version };
        if (Problem(version, output) is { } problem)
            return finding with { Problem = problem, Remedy = $"install another {Name}" };
        return finding with { Sufficient = true, Lost = null, Remedy = null };
    }

    private static Dependency Runtime(string nameOrPath)
    {
        var name = System.IO.Path.GetFileName(nameOrPath);
        return new()
        {
            Name = name,
            Places = [nameOrPath],
            Required = true,
            Remedy = nameOrPath is "runc" or "crun" ? null
                : "name an OCI runtime that is there (--runtime NAME|PATH, or $STASIS_RUNTIME), such as runc",
            Consequence = "containers, or with a build without CRIU checkpoints of them",
            Least = name == "runc" ? (new Version(1, 1), "older ones have not been tried") : null,
            Check = output => output.StartsWith("crun", StringComparison.Ordinal) && !output.Contains("+CRIU", StringComparison.Ordinal)
                ? "this build has no CRIU (+CRIU in crun --version): take one that has, or runc" : null,
        };
    }

    [GeneratedRegex(@"\d+(\.\d+)+", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();

    private string? Problem(string? version, string output)
    {
        if (Least is { } least && (version is null || !System.Version.TryParse(version, out var parsed) || parsed < least.Version))
            return $"version {least.Version} or newer is needed: {least.Why}";
        return Check(output);
    }
}
