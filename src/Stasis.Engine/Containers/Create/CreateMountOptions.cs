using Stasis.Engine.Errors;

namespace Stasis.Engine.Containers.Create;

/// <summary>Options of bind, volume and tmpfs mounts, by Podman's rules (podman pkg/util/mount_opts.go, containers/common pkg/parse).</summary>
internal static class CreateMountOptions
{
    // Of each group one may be given.
    private static readonly string[][] Exclusive =
    [
        ["exec", "noexec"], ["suid", "nosuid"], ["dev", "nodev"], ["ro", "rw"], ["bind", "rbind"], ["z", "Z"], ["copy", "nocopy"], ["tmpcopyup", "notmpcopyup"],
        ["private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable", "runbindable"], ["size"], ["mode"], ["noatime"], ["noswap"],
    ];

    private static readonly string[] OfTmpfsOnly = ["size", "mode", "noatime", "noswap", "tmpcopyup", "notmpcopyup"];
    private static readonly string[] NotOfTmpfs = ["bind", "rbind", "z", "Z", "copy", "nocopy"];

    // Podman's, which Stasis can't keep its promise with: a chowned or overlaid source, and mapped owners.
    private static readonly string[] Unsupported = ["U", "O", "idmap", "subpath", "upperdir", "workdir", "no-dereference", "volume-opt"];

    /// <summary>The options a runtime gets for a bind of a host path (<paramref name="inherited"/>: those of the file system that it lies on).</summary>
    public static IReadOnlyList<string> ForBind(IReadOnlyList<string> options, IReadOnlyList<string> inherited) => Complete(options, tmpfs: false, inherited);

    /// <summary>For a named volume: no devices and no setuid programs, unless asked for.</summary>
    public static IReadOnlyList<string> ForVolume(IReadOnlyList<string> options) => Complete(options, tmpfs: false, ["nosuid", "nodev"]);

    /// <summary>For a tmpfs: the same, and it starts with what the image has there.</summary>
    public static IReadOnlyList<string> ForTmpfs(IReadOnlyList<string> options) => Complete(options, tmpfs: true, ["nosuid", "nodev"]);

    private static List<string> Complete(IReadOnlyList<string> options, bool tmpfs, IReadOnlyList<string> defaults)
    {
        var seen = new Dictionary<string[], string>();
        var result = new List<string>();
        foreach (var option in options)
        {
            // Meant for other systems (macOS): no effect here, as with Podman and Docker.
            if (option is "cached" or "delegated" or "" || option.StartsWith("consistency=", StringComparison.Ordinal))
                continue;
            var key = option.Split('=')[0];
            if (Unsupported.Contains(key))
                throw new StasisException($"mount option \"{option}\" is not supported");
            var group = Exclusive.FirstOrDefault(group => group.Contains(key)) ?? throw new StasisException($"unknown mount option \"{option}\": invalid mount option");
            if (!seen.TryAdd(group, option))
                throw new StasisException(group.Length == 1
                    ? $"the '{key}' option can only be set once: duplicate mount option passed"
                    : $"only one of '{string.Join("', '", group)}' can be used: duplicate mount option passed");
            if (tmpfs ? NotOfTmpfs.Contains(key) : OfTmpfsOnly.Contains(key))
                throw new StasisException($"the '{key}' option is {(tmpfs ? "not allowed" : "only allowed")} with tmpfs mounts: invalid mount option");
            // z and Z relabel for SELinux, which Stasis's containers have no label of; copying up is done before the runtime is asked.
            if (key is not ("z" or "Z" or "copy" or "nocopy" or "notmpcopyup"))
                result.Add(option);
        }
        if (!Has("private"))
            result.Add(options.Contains("bind") ? "private" : "rprivate");
        result.AddRange(defaults.Where(option => !Has(option)));
        if (tmpfs && !Has("tmpcopyup"))
            result.Add("tmpcopyup");
        if (!tmpfs && !Has("bind"))
            result.Add("rbind");
        return result;

        bool Has(string ofGroup) => seen.Keys.Any(group => group.Contains(ofGroup));
    }
}
