using Stasis.Engine.Errors;

namespace Stasis.Engine.Containers.Create;

/// <summary>
/// Options of bind, volume and tmpfs mounts, by Podman's rules (podman pkg/util/mount_opts.go, containers/common pkg/parse).
/// </summary>
internal static class MountOptionCompletion
{
    // One option of each group may be given.
    private static readonly string[][] Exclusive =
    [
        ["exec", "noexec"], ["suid", "nosuid"], ["dev", "nodev"], ["ro", "rw"], ["bind", "rbind"], ["z", "Z"], ["copy", "nocopy"],
        ["tmpcopyup", "notmpcopyup"],
        ["private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable", "runbindable"],
        ["size"], ["mode"], ["noatime"], ["noswap"],
    ];

    private static readonly string[] OfTmpfsOnly = ["size", "mode", "noatime", "noswap", "tmpcopyup", "notmpcopyup"];
    private static readonly string[] NotOfTmpfs = ["bind", "rbind", "z", "Z", "copy", "nocopy"];

    // Options of Podman that Stasis doesn't implement: a source that is chowned or overlaid, mapped owners, parts of a volume.
    private static readonly string[] Unsupported = ["U", "O", "idmap", "subpath", "upperdir", "workdir", "no-dereference", "volume-opt"];

    /// <summary>Returns the options that the runtime gets for a bind mount of a host path.</summary>
    /// <param name="options">The user's options.</param>
    /// <param name="inherited">Options of the file system that the path is on.</param>
    public static IReadOnlyList<string> ForBind(IReadOnlyList<string> options, IReadOnlyList<string> inherited) =>
        Complete(options, tmpfs: false, inherited);

    /// <summary>Returns the options for a named volume: nosuid and nodev, unless the user's say otherwise.</summary>
    public static IReadOnlyList<string> ForVolume(IReadOnlyList<string> options) =>
        Complete(options, tmpfs: false, ["nosuid", "nodev"]);

    /// <summary>Returns the options for a tmpfs: as for a named volume, and tmpcopyup, which fills it with the image's files.</summary>
    public static IReadOnlyList<string> ForTmpfs(IReadOnlyList<string> options) =>
        Complete(options, tmpfs: true, ["nosuid", "nodev"]);

    private static List<string> Complete(IReadOnlyList<string> options, bool tmpfs, IReadOnlyList<string> defaults)
    {
        var seen = new Dictionary<string[], string>();
        var result = new List<string>();
        foreach (var option in options)
        {
            // For other systems (macOS): without effect here, as in Podman and Docker.
            if (option is "cached" or "delegated" or "" || option.StartsWith("consistency=", StringComparison.Ordinal))
                continue;
            var key = option.Split('=')[0];
            if (Unsupported.Contains(key))
                throw new StasisException($"mount option \"{option}\" is not supported");
            var group = Exclusive.FirstOrDefault(group => group.Contains(key))
                ?? throw new StasisException($"unknown mount option \"{option}\": invalid mount option");
            if (!seen.TryAdd(group, option))
            {
                throw new StasisException(group.Length == 1
                    ? $"the '{key}' option can only be set once: duplicate mount option passed"
                    : $"only one of '{string.Join("', '", group)}' can be used: duplicate mount option passed");
            }
            if (tmpfs ? NotOfTmpfs.Contains(key) : OfTmpfsOnly.Contains(key))
            {
                var allowed = tmpfs ? "not allowed" : "only allowed";
                throw new StasisException($"the '{key}' option is {allowed} with tmpfs mounts: invalid mount option");
            }
            // z and Z relabel for SELinux, and containers of Stasis have no label. Stasis itself copies up, before the runtime runs.
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
