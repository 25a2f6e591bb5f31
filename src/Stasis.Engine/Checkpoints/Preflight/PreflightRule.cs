namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>A rule: what it finds, and how.</summary>
/// <param name="Find">Finds it.</param>
/// <param name="HoldsForMemory">Whether it also holds for a pre-checkpoint, which reads memory alone.</param>
internal sealed record PreflightRule(Func<PreflightContext, IEnumerable<PreflightFinding>> Find, bool HoldsForMemory = false);
