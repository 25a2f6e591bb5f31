using System.Text.Json;
using System.Text.RegularExpressions;
using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Json;
using Stasis.Engine.Vetting.Policy.Privileges;

namespace Stasis.Engine.Vetting.Policy.Mounts;

/// <summary>
/// Finds paths in config.dump that don't lie in a container's own folder, as Podman's and Stasis's do. Stasis
/// neither uses nor hands on any of them; Podman writes to, unmounts or removes what they name. The host's
/// /dev/shm is left to <see cref="NamespaceRule"/>: it comes with the host's IPC namespace.
/// </summary>
internal static partial class ConfigPathRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "path",
        Finds = "host paths in config.dump outside the container's own directory: PID files of conmon and others, "
            + "log, mounts to undo. Never used or handed on",
        Allow = "`path:conmonPidFile=/tmp/x`",
    };

    public static IEnumerable<Finding> Check(VettingSubject subject)
    {
        var config = subject.Config;
        List<(string Field, string Path)> paths =
        [
            ("staticDir", config.StaticDir ?? ""),
            ("ShmDir", config.ShmDir is "/dev/shm" ? "" : config.ShmDir ?? ""),
            ("logPath", config.LogPath ?? ""),
            ("conmonPidFile", config.ConmonPidFile ?? ""),
            .. (config.Mounts ?? []).Select(mount => ("mounts", mount)),
            .. RestoredContainerConfig.HostPaths.SelectMany(
                field => config.Unknown?.TryGetValue(field, out var value) == true ? Texts(value).Select(text => (field, text)) : []),
        ];
        return from item in paths
               where !RestoredContainerConfig.IsNoPath(item.Path) && !OfContainer().IsMatch(item.Path)
               select FindingFactory.Refused(
                   Rule,
                   $"config.dump: {item.Field}",
                   item.Path,
                   "a path of the host that isn't in a container's own folder; it isn't used, even if it is allowed",
                   $"{item.Field}={item.Path}");
    }

    private static IEnumerable<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().Select(CanonicalJsonText.Bare),
        _ when CanonicalJsonText.IsEmpty(value) => [],
        _ => [CanonicalJsonText.Text(value)],
    };

    // …/overlay-containers/ID/… (also vfs-, btrfs-containers: containers/storage), …/containers/ID/…; no part of it is "..".
    [GeneratedRegex(@"\A/(?!(?:.*/)?\.\.(?:/|\z))(?:[^\0]*/)?(?:[a-z]+-)?containers/[0-9a-f]{64}(?:/[^\0]*)?\z")]
    private static partial Regex OfContainer();
}

internal static partial class MountCheckList
{
    internal static readonly PolicyCheck HostPath = Add(new(230, ConfigPathRule.Check, ConfigPathRule.Rule));
}
