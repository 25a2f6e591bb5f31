using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Files;

/// <summary>
/// /etc/localtime of a container that Podman created with a time zone (--tz): this host's file of that zone, as Podman does it (libpod:
/// makeBindMounts).
/// </summary>
internal static class LocaltimeFile
{
    /// <summary>The file's name in <see cref="Storage.ContainerLayout.EtcFile"/>.</summary>
    public const string Name = "localtime";

    private const string Zones = "/usr/share/zoneinfo";

    /// <summary>Reads the file's content from this host.</summary>
    /// <exception cref="StasisException">This host has no such zone.</exception>
    public static byte[] Read(Container container)
    {
        var zone = container.Config.Unknown?.TryGetValue("timezone", out var value) == true && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";
        if (zone is "local" or "")
            return File.ReadAllBytes("/etc/localtime");
        // The name comes from an archive: the path, with links resolved, must be one of the zones.
        var path = RealPath.TryResolve(Path.Combine(Zones, zone));
        return path is not null && path.StartsWith(Zones + "/", StringComparison.Ordinal) && FileStatus.Read(path).IsRegularFile
            ? File.ReadAllBytes(path)
            : throw new StasisException($"the time zone {zone} of container {container.Name} is not in {Zones} of this host")
            {
                Remedy = "install tzdata",
            };
    }
}
