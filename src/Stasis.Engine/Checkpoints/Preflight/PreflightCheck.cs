namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>A check: what it finds, and when that matters.</summary>
/// <param name="Find">Finds it.</param>
/// <param name="HoldsForMemory">Whether it also holds for a pre-checkpoint, which reads memory alone.</param>
internal sealed record PreflightCheck(Func<PreflightContext, IEnumerable<PreflightFinding>> Find, bool HoldsForMemory = false);
