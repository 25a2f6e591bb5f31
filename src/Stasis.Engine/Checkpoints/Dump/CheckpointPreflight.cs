using Stasis.Engine.Checkpoints.Preflight;
using Stasis.Engine.Containers;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>Looks at a running container for what a checkpoint can't hold, or holds only with an option. Touches nothing.</summary>
internal static class CheckpointPreflight
{
    private const string OptionsKind = "options";
    private const int MaxShown = 10;

    // What later versions can't dump isn't known: what these can't dump is then no obstacle.
    private static readonly Version FirstUnknownCriu = new(4, 3);

    /// <summary>Lists all findings for a checkpoint with these options, obstacles first.</summary>
    public static async Task<IReadOnlyList<PreflightFinding>> LookAsync(
        LockedContainer locked, CheckpointOptions options, CancellationToken cancellation)
    {
        var obstacles = new List<PreflightFinding>();
        try
        {
            CheckpointRequirements.RequirePossible(locked, options);
            CheckpointRequirements.RequireFolder(options);
        }
        catch (StasisException e)
        {
            obstacles.Add(new PreflightFinding
            {
                Severity = PreflightSeverity.Refused,
                Kind = OptionsKind,
                Message = e.Message,
                Remedy = e.Remedy,
            });
        }
        return [.. obstacles, .. PreflightChecks.Apply(await CreateContextAsync(locked, options, cancellation))];
    }

    /// <summary>Requires that nothing is found that stands in the way.</summary>
    /// <exception cref="InvalidStateException">Something is; the message has the first ten findings.</exception>
    public static async Task RequireNoObstacleAsync(LockedContainer locked, CheckpointOptions options, CancellationToken cancellation)
    {
        var obstacles = PreflightChecks.Apply(await CreateContextAsync(locked, options, cancellation))
            .Where(finding => finding.IsObstacle).ToList();
        if (obstacles.Count > 0)
            throw CreateRefusal(locked.Container.Name, options, obstacles);
    }

    private static InvalidStateException CreateRefusal(string name, CheckpointOptions options, List<PreflightFinding> obstacles)
    {
        var what = $"cannot {(options.PreCheckpoint ? "pre-checkpoint" : "checkpoint")} container {name}";
        var lines = obstacles.Take(MaxShown).Select(obstacle => obstacle.ToString()).ToList();
        if (obstacles.Count > MaxShown)
            lines.Add(FormattableString.Invariant($"and {obstacles.Count - MaxShown} more"));
        var remedies = obstacles.Select(obstacle => obstacle.Remedy).OfType<string>().Distinct().Take(MaxShown);
        return new InvalidStateException(lines.Count == 1 ? $"{what}: {lines[0]}" : $"{what}:\n  {string.Join("\n  ", lines)}")
        {
            Remedy = string.Join("\n", remedies),
        };
    }

    private static async Task<PreflightContext> CreateContextAsync(
        LockedContainer locked, CheckpointOptions options, CancellationToken cancellation)
    {
        var version = await CriuVersion.GetAsync(locked.Runtime.RequireCriu(), locked.Engine.Layout, cancellation);
        var ownsConfig = CriuConfig.IsUsed(locked.Container.Spec);
        return new PreflightContext
        {
            Container = locked.Container,
            Options = options,
            CriuOptions = [.. CriuDumpOptions.GetFlags(options), .. await CriuDumpOptions.GetConfigAsync(options, locked, cancellation)],
            KnowsCriu = ownsConfig && !HostCriuConfig.HasDefaults() && version < FirstUnknownCriu,
            WritesCriuConfig = ownsConfig,
            IsRunc = Path.GetFileName(locked.RuntimeName).StartsWith("runc", StringComparison.Ordinal),
            CriuVersion = version,
            DumpFolder = locked.Engine.Layout.Root,
            Processes = ContainerProcesses.Read(locked.Container),
        };
    }
}
