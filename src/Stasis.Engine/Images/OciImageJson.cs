using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stasis.Engine.Images;

/// <summary>A reference to a blob (OCI image spec, descriptor.md; Docker's has the same members).</summary>
internal sealed record OciDescriptor
{
    public string? MediaType { get; init; }
    public required string Digest { get; init; }
    public long Size { get; init; }
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}

/// <summary>An image manifest (OCI image spec, manifest.md) or Docker's, schema 2.</summary>
internal sealed record OciManifest
{
    public int SchemaVersion { get; init; }
    public string? MediaType { get; init; }
    public OciDescriptor? Config { get; init; }
    public IReadOnlyList<OciDescriptor>? Layers { get; init; }
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Parses one; null if it isn't JSON of that shape.</summary>
    public static OciManifest? TryParse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ImagesJson.Default.OciManifest);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The index.json of an OCI layout (OCI image spec, image-index.md).</summary>
internal sealed record OciIndex
{
    public IReadOnlyList<OciDescriptor> Manifests { get; init; } = [];
}

/// <summary>An image's configuration (OCI image spec, config.md), as far as it is understood here.</summary>
internal sealed record OciImageJson
{
    public DateTimeOffset? Created { get; init; }
    public OciExecution? Config { get; init; }
    [JsonPropertyName("rootfs")] public OciRootFs? RootFs { get; init; }
}

/// <summary>The layers' uncompressed digests, lowest first.</summary>
internal sealed record OciRootFs
{
    [JsonPropertyName("diff_ids")] public IReadOnlyList<string>? DiffIds { get; init; }
}

/// <summary>Execution parameters; sets are objects with empty members.</summary>
internal sealed record OciExecution
{
    public string? User { get; init; }
    public IReadOnlyDictionary<string, JsonElement>? ExposedPorts { get; init; }
    public IReadOnlyList<string>? Env { get; init; }
    public IReadOnlyList<string>? Entrypoint { get; init; }
    public IReadOnlyList<string>? Cmd { get; init; }
    public IReadOnlyDictionary<string, JsonElement>? Volumes { get; init; }
    public string? WorkingDir { get; init; }
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
    public string? StopSignal { get; init; }

    public ImageExecutionConfig ToConfig() => new()
    {
        User = User,
        Env = Env,
        Entrypoint = Entrypoint,
        Cmd = Cmd,
        Volumes = Volumes is null ? null : [.. Volumes.Keys],
        WorkingDir = WorkingDir,
        Labels = Labels,
        StopSignal = StopSignal,
        ExposedPorts = ExposedPorts is null ? null : [.. ExposedPorts.Keys],
    };
}

/// <summary>An image in the manifest.json of a docker-archive.</summary>
internal sealed record DockerArchiveImage
{
    public IReadOnlyList<string>? RepoTags { get; init; }
}

// Go, which wrote what is read here, matches names whatever their case.
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(OciManifest))]
[JsonSerializable(typeof(OciIndex))]
[JsonSerializable(typeof(OciImageJson))]
[JsonSerializable(typeof(DockerArchiveImage[]))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ImagesJson : JsonSerializerContext;
