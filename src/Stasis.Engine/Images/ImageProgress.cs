namespace Stasis.Engine.Images;

/// <summary>How far a pull, load or import has come.</summary>
/// <param name="What">E.g. "layer sha256:1234…".</param>
/// <param name="Done">Bytes done.</param>
/// <param name="Total">Bytes in all, or null if not known.</param>
public readonly record struct ImageProgress(string What, long Done, long? Total);
