using System.Text.Json;
using System.Text.Json.Nodes;
using Stasis.Engine.Common;

namespace Stasis.Engine.ExternalEngines;

/// <summary>What Docker keeps of a container in a folder (config.v2.json; moby's daemon/container/container.go).</summary>
internal static class DockerDescription
{
    private static readonly string[] OwnFiles = ["/etc/resolv.conf", "/etc/hosts", "/etc/hostname"];

    /// <summary>Describes a container.</summary>
    public static ExternalContainer Describe(EngineTask task)
    {
        // Docker binds files of that folder into each container: so its place is known whatever the daemon's options are. A container in
        // the network of another has those of the other, in the folder beside its own.
        var files = task.Spec.Mounts?.Where(mount => OwnFiles.Contains(mount.Destination)).Select(mount => mount.Source) ?? [];
        var folder = files.Select(file => Path.GetDirectoryName(Path.GetDirectoryName(file))).OfType<string>()
            .Select(containers => Path.Combine(containers, task.Id)).FirstOrDefault(Directory.Exists);
        if (folder is null || TryRead(folder) is not { } config)
            return new ExternalContainer(task, task.Id);
        var inDaemonsStore = config["ImageManifest"] is null;
        return new ExternalContainer(task, config["Name"]?.GetValue<string>().TrimStart('/') ?? task.Id)
        {
            Image = config["Config"]?["Image"]?.GetValue<string>(),
            // Of containerd's store it is the digest of the manifest.
            ImageId = inDaemonsStore && config["Image"]?.GetValue<string>() is { } id ? Digests.Hex(id) : null,
            JsonLog = config["LogPath"]?.GetValue<string>() is { Length: > 0 } log ? log : null,
            Volumes = Path.GetFullPath(Path.Combine(folder, "../../volumes")),
        };
    }

    private static JsonNode? TryRead(string folder)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, "config.v2.json")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
