using System.Text.Json.Serialization;
using Stasis.Engine.Containers;

namespace Stasis.Cli.Output.Reports;

/// <summary>What <c>diff --format json</c> prints (Podman: ChangesReportJSON). Empty lists are left out.</summary>
internal sealed record DiffReport(
    [property: JsonPropertyName("changed")] IReadOnlyList<string>? Changed,
    [property: JsonPropertyName("added")] IReadOnlyList<string>? Added,
    [property: JsonPropertyName("deleted")] IReadOnlyList<string>? Deleted)
{
    public static DiffReport FromChanges(IReadOnlyList<FileChange> changes)
    {
        return new DiffReport(Paths(ChangeKind.Changed), Paths(ChangeKind.Added), Paths(ChangeKind.Deleted));

        IReadOnlyList<string>? Paths(ChangeKind kind) =>
            changes.Where(change => change.Kind == kind).Select(change => change.Path).ToList() is { Count: > 0 } paths ? paths : null;
    }
}
