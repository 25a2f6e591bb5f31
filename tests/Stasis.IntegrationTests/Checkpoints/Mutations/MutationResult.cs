using Stasis.Engine.Vetting.Findings;
using Stasis.Tests.Mutations;

namespace Stasis.IntegrationTests.Checkpoints.Mutations;

/// <summary>What the image verifier finds in a mutation.</summary>
/// <param name="Checkpoint">Name of the checkpoint that was changed.</param>
/// <param name="Mutation">The change.</param>
/// <param name="Rules">The rules that refuse it.</param>
/// <param name="Error">What the verifier threw; null if it ended as it should.</param>
/// <param name="Time">How long it took.</param>
internal sealed record MutationResult(
    string Checkpoint, Mutation Mutation, IReadOnlyList<string> Rules, Exception? Error, TimeSpan Time)
{
    public bool IsAccepted => Rules.Count == 0 && Error is null;

    /// <summary>Verifies a mutation of a checkpoint.</summary>
    public static MutationResult Of(MutableCheckpoint checkpoint, Mutation mutation)
    {
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        IReadOnlyList<Finding> findings = [];
        Exception? error = null;
        try
        {
            findings = checkpoint.Verify(mutation.File, mutation.Make(checkpoint.Images[mutation.File]));
        }
        catch (Exception e)
        {
            error = e;
        }
        string[] rules = [.. findings.Where(finding => finding.Severity == Severity.Refused).Select(finding => finding.Rule).Distinct()];
        return new(checkpoint.Name, mutation, rules, error, System.Diagnostics.Stopwatch.GetElapsedTime(begun));
    }

    public override string ToString()
    {
        var verdict = Error?.ToString() ?? (IsAccepted ? "accepted" : string.Join(", ", Rules));
        return $"{Mutation.Message}.{Mutation.Field}: {Checkpoint} {Mutation}: {verdict}";
    }
}
