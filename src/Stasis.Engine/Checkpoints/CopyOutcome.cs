using Stasis.Engine.Model;

namespace Stasis.Engine.Checkpoints;

/// <summary>What came of one copy.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Container">It, running; null if it failed.</param>
/// <param name="Duration">From when its making began until it ran.</param>
/// <param name="Failure">Why it failed; if it ran, why it was removed again: another failed.</param>
public sealed record CopyOutcome(string Name, Container? Container, TimeSpan Duration, Exception? Failure);
