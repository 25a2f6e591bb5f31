using System.Text.Json;
using Stasis.Engine.Images;

namespace Stasis.Cli.Output;

/// <summary>An image in <c>images --format json</c> (Podman: ImageSummary).</summary>
internal sealed record ImageRow
{
    public required string Id { get; init; }
    public required IReadOnlyList<string> Names { get; init; }
    public long Created { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public long Size { get; init; }
    public string? Digest { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public int Containers { get; init; }
    public bool? Dangling { get; init; }
    public required string Repository { get; init; }
    public required string Tag { get; init; }

    /// <summary>A row for each of its names, or one for none.</summary>
    public static IEnumerable<ImageRow> Of(Image image, int containers) => (image.Names.Count > 0 ? image.Names : ["<none>:<none>"]).Select(name =>
    {
        var (repository, tag) = Split(name);
        return new ImageRow
        {
            Id = image.Id,
            Names = image.Names,
            Created = image.Created?.ToUnixTimeSeconds() ?? 0,
            CreatedAt = image.Created ?? default,
            Size = image.Size,
            Digest = image.ManifestDigest,
            Labels = image.Config.Labels ?? new Dictionary<string, string>(),
            Containers = containers,
            Dangling = image.Names.Count == 0 ? true : null,
            Repository = repository,
            Tag = tag,
        };
    });

    // The tag begins at the last colon, unless that one belongs to a registry's port.
    private static (string Repository, string Tag) Split(string name) =>
        name.LastIndexOf(':') is var colon && colon > name.LastIndexOf('/') ? (name[..colon], name[(colon + 1)..]) : (name, "<none>");
}

/// <summary>An image as <c>inspect</c> shows it, in Podman's shape (pkg/inspect/inspect.go).</summary>
internal sealed record ImageInspection
{
    public required string Id { get; init; }
    public string Digest { get; init; } = "";
    public required IReadOnlyList<string> RepoTags { get; init; }
    public DateTimeOffset Created { get; init; }
    public required ImageConfigPart Config { get; init; }
    public string Architecture { get; init; } = "";
    public string Os { get; init; } = "";
    public long Size { get; init; }
    public JsonElement? RootFS { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public required string User { get; init; }
    public JsonElement? History { get; init; }

    public static ImageInspection Of(Image image) => new()
    {
        Id = image.Id,
        Digest = image.ManifestDigest ?? "",
        RepoTags = image.Names,
        Created = image.Created ?? default,
        Config = ImageConfigPart.Of(image.Config),
        Architecture = Raw(image, "architecture")?.GetString() ?? "",
        Os = Raw(image, "os")?.GetString() ?? "",
        Size = image.Size,
        RootFS = Raw(image, "rootfs"),
        Labels = image.Config.Labels ?? new Dictionary<string, string>(),
        User = image.Config.User ?? "",
        History = Raw(image, "history"),
    };

    private static JsonElement? Raw(Image image, string name) =>
        image.Raw.ValueKind == JsonValueKind.Object && image.Raw.TryGetProperty(name, out var value) ? value : null;

    internal sealed record ImageConfigPart
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

        public static ImageConfigPart Of(ImageConfig config) => new()
        {
            User = config.User,
            ExposedPorts = Set(config.ExposedPorts),
            Env = config.Env,
            Entrypoint = config.Entrypoint,
            Cmd = config.Cmd,
            Volumes = Set(config.Volumes),
            WorkingDir = config.WorkingDir,
            Labels = config.Labels,
            StopSignal = config.StopSignal,
        };

        // Go's way to write a set: {"80/tcp": {}}.
        private static Dictionary<string, JsonElement>? Set(IReadOnlyList<string>? names)
        {
            using var empty = JsonDocument.Parse("{}");
            var element = empty.RootElement.Clone();
            return names?.ToDictionary(name => name, _ => element);
        }
    }
}
