using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>The cgroup that a runtime makes for a spec's cgroupsPath.</summary>
internal static class ContainerCgroups
{
    /// <summary>The cgroup's path; null if the spec's isn't one that a runtime would make.</summary>
    /// <param name="cgroupsPath">The spec's: a path, or SLICE:PREFIX:NAME for systemd's cgroup manager.</param>
    /// <param name="id">The container's ID, which is the cgroup's name if the spec has no path.</param>
    public static string? GetPath(string? cgroupsPath, string id)
    {
        if (string.IsNullOrEmpty(cgroupsPath))
            return "/" + id;
        var path = cgroupsPath.Split(':') is [var slice, var prefix, var name]
            ? FromSystemd(slice, prefix, name)
            : "/" + cgroupsPath.TrimStart('/');
        return path is { Length: > 1 } && ImagePathSyntax.IsPlain(path) ? path : null;
    }

    // systemd.slice(5): a-b.slice lies in a.slice. runc and crun name the unit PREFIX-NAME.scope.
    private static string? FromSystemd(string slice, string prefix, string name)
    {
        const string Suffix = ".slice";
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal) || prefix.Contains('/', StringComparison.Ordinal))
            return null;
        var unit = name.EndsWith(Suffix, StringComparison.Ordinal) ? name : (prefix.Length > 0 ? $"{prefix}-{name}" : name) + ".scope";
        if (slice.Length == 0)
            slice = "system.slice";
        if (!slice.EndsWith(Suffix, StringComparison.Ordinal) || slice.Contains('/', StringComparison.Ordinal))
            return null;
        if (slice == "-.slice")
            return "/" + unit;
        var parts = slice[..^Suffix.Length].Split('-');
        if (parts.Length > 64 || parts.Any(part => part.Length == 0))
            return null;
        return string.Concat(parts.Select((_, index) => $"/{string.Join('-', parts[..(index + 1)])}{Suffix}")) + "/" + unit;
    }

    /// <summary>Whether the container may change owners and modes in its cgroup: it sees it writable, or has a user namespace.</summary>
    public static bool MayChange(OciSpec spec) => spec.Linux?.Namespaces?.Any(space => space.Type == "user") == true
        || (spec.Mounts ?? []).Any(mount => mount is { Type: "cgroup" or "cgroup2", Options: { } options } && !options.Contains("ro"));
}
