using System.Text.Json;
using System.Text.Json.Serialization;
using Stasis.Cli.Output.Tables;
using Stasis.Engine.Images;
using Stasis.Engine.Storage;

namespace Stasis.Cli.Output.Inspect;

/// <summary>What <c>inspect</c> prints of an image, with Podman's fields (pkg/inspect/inspect.go).</summary>
internal sealed record ImageInspection
{
    public required string Id { get; init; }
    public required string Digest { get; init; }
    public required IReadOnlyList<string> RepoTags { get; init; }
    public required IReadOnlyList<string> RepoDigests { get; init; }
    public string Parent { get; init; } = "";
    public required string Comment { get; init; }
    public DateTimeOffset Created { get; init; }
    public required ImageConfigPart Config { get; init; }
    public string Version { get; init; } = "";
    public required string Author { get; init; }
    public required string Architecture { get; init; }
    public required string Os { get; init; }
    public long Size { get; init; }
    public long VirtualSize { get; init; }
    public required DriverPart GraphDriver { get; init; }
    public required RootPart RootFS { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public required IReadOnlyDictionary<string, string> Annotations { get; init; }
    public required string User { get; init; }
    public required IReadOnlyList<HistoryPart> History { get; init; }
    public required IReadOnlyList<string> NamesHistory { get; init; }

    public static ImageInspection FromImage(Image image, Layout layout)
    {
        var history = HistoryOf(image);
        return new ImageInspection
        {
            Id = image.Id,
            Digest = image.ManifestDigest ?? "",
            RepoTags = image.Names,
            RepoDigests = DigestsOf(image),
            Comment = history is [.., { Comment: { } comment }] ? comment : "",
            Created = image.Created ?? default,
            Config = ImageConfigPart.FromConfig(image.Config),
            Author = Text(image, "author") ?? "",
            Architecture = Text(image, "architecture") ?? "",
            Os = Text(image, "os") ?? "",
            Size = image.Size,
            VirtualSize = image.Size,
            GraphDriver = DriverPart.FromLayers(image.Layers, layout),
            RootFS = RootPart.FromImage(image),
            Labels = image.Config.Labels ?? new Dictionary<string, string>(),
            Annotations = image.Annotations,
            User = image.Config.User ?? "",
            History = history,
            NamesHistory = image.Names,
        };
    }

    /// <summary>A string in the image's configuration; null if there is none of that name.</summary>
    public static string? Text(Image image, string name) =>
        Raw(image, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>The repositories of an image, each with the digest of the manifest.</summary>
    public static IReadOnlyList<string> DigestsOf(Image image) => image.ManifestDigest is { } digest
        ? [.. image.Names.Select(name => $"{ImageJsonRow.Split(name).Repository}@{digest}").Distinct()]
        : [];

    private static JsonElement? Raw(Image image, string name) =>
        image.Raw.ValueKind == JsonValueKind.Object && image.Raw.TryGetProperty(name, out var value) ? value : null;

    private static List<HistoryPart> HistoryOf(Image image) => Raw(image, "history") is { ValueKind: JsonValueKind.Array } history
        ? history.Deserialize(CliJsonContext.Default.ListHistoryPart) ?? []
        : [];

    /// <summary>OCI image spec, config.md: history.</summary>
    internal sealed record HistoryPart
    {
        [JsonPropertyName("created")] public DateTimeOffset? Created { get; init; }
        [JsonPropertyName("created_by")] public string? CreatedBy { get; init; }
        [JsonPropertyName("author")] public string? Author { get; init; }
        [JsonPropertyName("comment")] public string? Comment { get; init; }
        [JsonPropertyName("empty_layer"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool EmptyLayer { get; init; }
    }

    internal sealed record RootPart(string Type, IReadOnlyList<string> Layers)
    {
        public static RootPart FromImage(Image image) => new(
            "layers",
            Raw(image, "rootfs") is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("diff_ids", out var digests)
                && digests.ValueKind == JsonValueKind.Array
            ? [.. digests.EnumerateArray().Select(digest => digest.ToString())]
            : []);
    }

    /// <summary>OCI image spec, config.md: config.</summary>
    internal sealed record ImageConfigPart
    {
        public string? User { get; init; }
        public IReadOnlyDictionary<string, EmptyPart>? ExposedPorts { get; init; }
        public IReadOnlyList<string>? Env { get; init; }
        public IReadOnlyList<string>? Entrypoint { get; init; }
        public IReadOnlyList<string>? Cmd { get; init; }
        public IReadOnlyDictionary<string, EmptyPart>? Volumes { get; init; }
        public string? WorkingDir { get; init; }
        public IReadOnlyDictionary<string, string>? Labels { get; init; }
        public string? StopSignal { get; init; }

        public static ImageConfigPart FromConfig(ImageExecutionConfig config) => new()
        {
            User = config.User,
            ExposedPorts = EmptyPart.Set(config.ExposedPorts),
            Env = config.Env,
            Entrypoint = config.Entrypoint,
            Cmd = config.Cmd,
            Volumes = EmptyPart.Set(config.Volumes),
            WorkingDir = config.WorkingDir,
            Labels = config.Labels,
            StopSignal = config.StopSignal,
        };
    }
}
