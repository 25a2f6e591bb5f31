using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Containers.Create;

/// <summary>
/// The capabilities of a new container and of a command, by Podman's rules (containers/common pkg/capabilities, podman
/// pkg/specgen/generate/security_linux.go).
/// </summary>
internal static class CreateCapabilities
{
    private const string All = "ALL";

    /// <summary>
    /// Builds the sets of the first process. A user other than root has only capabilities that were added explicitly, as ambient
    /// ones.
    /// </summary>
    public static OciCapabilities Build(CreateOptions options, string? user, HostFacts host)
    {
        var bounding = options.Privileged
            ? Available(host.KnownCapabilities, host)
            : Available(Merge(CreateOptions.DefaultCapabilities, options.CapAdd, options.CapDrop, host), host);
        if (IsRoot(user))
            return new OciCapabilities { Bounding = bounding, Effective = bounding, Permitted = bounding, Inheritable = [], Ambient = [] };
        var added = Available(Merge([], options.CapAdd, [], host), host);
        return new OciCapabilities { Bounding = bounding, Effective = added, Permitted = added, Inheritable = added, Ambient = added };
    }

    /// <summary>
    /// Builds the sets of a command that is run in a container. Root gets the container's bounding set, or all capabilities if
    /// privileged. Another user gets none, except the container's own user, which keeps its sets.
    /// </summary>
    public static OciCapabilities ForExec(OciCapabilities container, ExecOptions options, bool root, HostFacts host)
    {
        var bounding = options.Privileged ? Available(host.KnownCapabilities, host) : container.Bounding ?? [];
        if (root)
            return new OciCapabilities { Bounding = bounding, Effective = bounding, Permitted = bounding, Inheritable = [], Ambient = [] };
        return options.User is null
            ? container with { Bounding = bounding }
            : new OciCapabilities { Bounding = bounding, Effective = [], Permitted = [], Inheritable = [], Ambient = [] };
    }

    private static bool IsRoot(string? user) => (user ?? "").Split(':')[0] is "" or "root" or "0";

    private static string[] Available(IEnumerable<string> wanted, HostFacts host) =>
        [.. wanted.Intersect(host.BoundingCapabilities).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Merge(
        IReadOnlyList<string> start, IReadOnlyList<string> adds, IReadOnlyList<string> drops, HostFacts host)
    {
        var (add, drop) = (Normalize(adds, host), Normalize(drops, host));
        if (drop.Contains(All))
            return add.Contains(All) ? throw new StasisException("adding all caps and removing all caps not allowed") : add;
        if (add.Intersect(drop).FirstOrDefault() is { } both)
            throw new StasisException($"capability \"{both}\" cannot be dropped and added");
        return (add.Contains(All) ? host.BoundingCapabilities : start.Union(add)).Except(drop);
    }

    private static string[] Normalize(IReadOnlyList<string> names, HostFacts host) =>
        [.. names.Select(name => Normalize(name.ToUpperInvariant(), host))];

    private static string Normalize(string name, HostFacts host)
    {
        if (name == All)
            return name;
        var full = name.StartsWith("CAP_", StringComparison.Ordinal) ? name : "CAP_" + name;
        return host.KnownCapabilities.Contains(full) ? full : throw new StasisException($"\"{full}\": unknown capability")
        {
            Remedy = "capabilities(7) lists their names",
        };
    }
}
