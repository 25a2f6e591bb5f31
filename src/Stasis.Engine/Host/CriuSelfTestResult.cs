namespace Stasis.Engine.Host;

/// <summary>How it went to dump and restore a small process.</summary>
/// <param name="Works">It was dumped and lived again, in time.</param>
/// <param name="DumpMilliseconds">Time of the dump.</param>
/// <param name="RestoreMilliseconds">Time of the restore.</param>
/// <param name="Error">CRIU's own words, or that it did not end.</param>
public sealed record CriuSelfTestResult(bool Works, long DumpMilliseconds, long RestoreMilliseconds, string? Error);
