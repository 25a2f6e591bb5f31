using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stasis.Engine.ExternalEngines;

/// <summary>What containers/storage, which Podman uses, keeps of a container: containers.json, or volatile-containers.json.</summary>
internal static class StorageDescription
{
    private static readonly string[] Files = ["containers.json", "volatile-containers.json"];

    /// <summary>Describes a container.</summary>
    public static ExternalContainer Describe(EngineTask task)
    {
        // STORAGE/overlay-containers/ID/userdata
        var folder = Path.GetDirectoryName(Path.GetDirectoryName(task.Bundle)) ?? "/";
        var entry = Files.SelectMany(file => TryRead(Path.Combine(folder, file)))
            .FirstOrDefault(entry => entry?["id"]?.GetValue<string>() == task.Id);
        var storage = Path.GetDirectoryName(folder) ?? "/";
        return new ExternalContainer(task, task.Name ?? task.Id)
        {
            Image = TryParse(entry?["metadata"])?["image-name"]?.GetValue<string>(),
            ImageId = entry?["image"]?.GetValue<string>(),
            Log = task.Log,
            Volumes = Path.Combine(storage, "volumes"),
        };
    }

    private static JsonArray TryRead(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(file)) as JsonArray ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    // JSON in a string.
    private static JsonNode? TryParse(JsonNode? metadata)
    {
        try
        {
            return metadata?.GetValue<string>() is { Length: > 0 } text ? JsonNode.Parse(text) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
