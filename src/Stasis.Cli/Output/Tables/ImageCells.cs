namespace Stasis.Cli.Output.Tables;

/// <summary>The cells of a row of <c>images</c>: the fields that templates can use (Podman: imageReporter).</summary>
internal sealed record ImageCells
{
    public static readonly IReadOnlyDictionary<string, string> Titles =
        new Dictionary<string, string> { ["ID"] = "IMAGE ID", ["ReadOnly"] = "R/O" };

    public required string Repository { get; init; }
    public required string Tag { get; init; }
    public required string ID { get; init; }
    public required string Digest { get; init; }
    public required string Created { get; init; }
    public required string CreatedAt { get; init; }
    public required string CreatedSince { get; init; }
    public required string CreatedTime { get; init; }
    public required string Size { get; init; }
    public long VirtualSize { get; init; }
    public int SharedSize { get; init; }
    public required string History { get; init; }
    public required IReadOnlyList<string> Names { get; init; }
    public required IReadOnlyList<string> RepoTags { get; init; }
    public required IReadOnlyList<string> RepoDigests { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public int Containers { get; init; }
    public bool Dangling { get; init; }
    public bool ReadOnly { get; init; }
    public bool IsManifestList { get; init; }
    public required string ParentId { get; init; }
    public required string Arch { get; init; }
    public required string Os { get; init; }

    /// <summary>Template of the table, with the columns that options add.</summary>
    public static string Table(bool digests, bool history) =>
        @"{{.Repository}}\t{{.Tag}}\t" + (digests ? @"{{.Digest}}\t" : "") + @"{{.ID}}\t{{.Created}}\t{{.Size}}" +
        (history ? @"\t{{if .History}}{{.History}}{{else}}<none>{{end}}" : "");

    public static ImageCells FromRow(ImageJsonRow row, bool noTruncate)
    {
        var since = row.CreatedAt != default ? HumanFormat.Ago(row.CreatedAt) : "";
        var at = new Templates.TimeValue(row.CreatedAt.ToUniversalTime()).Format("2006-01-02 15:04:05 -0700 MST");
        return new ImageCells
        {
            Repository = row.Repository,
            Tag = row.Tag,
            ID = Id(row, noTruncate),
            Digest = row.Digest ?? "",
            Created = since,
            CreatedAt = at,
            CreatedSince = since,
            CreatedTime = at,
            Size = HumanFormat.Size(row.Size),
            VirtualSize = row.VirtualSize,
            SharedSize = row.SharedSize,
            History = string.Join(", ", row.History),
            Names = row.Names,
            RepoTags = row.Names,
            RepoDigests = row.RepoDigests,
            Labels = row.Labels,
            Containers = row.Containers,
            Dangling = row.Dangling,
            IsManifestList = row.IsManifestList,
            ParentId = row.ParentId,
            Arch = row.Arch ?? "",
            Os = row.Os ?? "",
        };
    }

    public static string Id(ImageJsonRow row, bool noTruncate) => noTruncate ? $"sha256:{row.Id}" : HumanFormat.Id(row.Id);
}
