using Stasis.Engine.Model;

namespace Stasis.Engine.Checkpoints;

/// <summary>What came of one copy.</summary>
/// <param name="Name">The copy's name.</param>
/// <param name="Container">The container, which runs; null if the copy failed.</param>
/// <param name="Duration">Time from the beginning of its restore until it ran, or failed.</param>
/// <param name="Failure">Why the copy failed, or why it was removed after it ran: the failure of another. Null if it runs.</param>
public sealed record CopyOutcome(string Name, Container? Container, TimeSpan Duration, Exception? Failure);
