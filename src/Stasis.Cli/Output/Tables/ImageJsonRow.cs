using System.Text.Json.Serialization;
using Stasis.Cli.Output.Inspect;
using Stasis.Engine.Images;

namespace Stasis.Cli.Output.Tables;

/// <summary>An image in <c>images --format json</c> (Podman: ImageSummary): one row for each name.</summary>
internal sealed record ImageJsonRow
{
    public required string Id { get; init; }
    public string ParentId { get; init; } = "";
    public required IReadOnlyList<string> RepoDigests { get; init; }
    public long Created { get; init; }
    public long Size { get; init; }
    public int SharedSize { get; init; }
    public long VirtualSize { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public int Containers { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public bool Dangling { get; init; }
    public string? Arch { get; init; }
    public string? Digest { get; init; }
    public required IReadOnlyList<string> History { get; init; }
    public bool IsManifestList { get; init; }
    public required IReadOnlyList<string> Names { get; init; }
    public string? Os { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public required string Repository { get; init; }
    public required string Tag { get; init; }

    /// <summary>A row for each name of an image; one row for an image without a name.</summary>
    public static IEnumerable<ImageJsonRow> FromImage(Image image, int containers) =>
        (image.Names.Count > 0 ? image.Names : ["<none>:<none>"]).Select(name => FromName(image, name, containers));

    private static ImageJsonRow FromName(Image image, string name, int containers)
    {
        var (repository, tag) = Split(name);
        return new ImageJsonRow
        {
            Id = image.Id,
            RepoDigests = ImageInspection.DigestsOf(image),
            Created = image.Created?.ToUnixTimeSeconds() ?? 0,
            CreatedAt = image.Created ?? default,
            Size = image.Size,
            VirtualSize = image.Size,
            Labels = image.Config.Labels ?? new Dictionary<string, string>(),
            Containers = containers,
            Dangling = image.Names.Count == 0,
            Arch = ImageInspection.Text(image, "architecture"),
            Digest = image.ManifestDigest,
            History = image.Names,
            Names = image.Names,
            Os = ImageInspection.Text(image, "os"),
            Repository = repository,
            Tag = tag,
        };
    }

    /// <summary>Splits a name at the last colon, unless that colon is part of the registry.</summary>
    public static (string Repository, string Tag) Split(string name) =>
        name.LastIndexOf(':') is var colon && colon > name.LastIndexOf('/') ? (name[..colon], name[(colon + 1)..]) : (name, "<none>");
}
