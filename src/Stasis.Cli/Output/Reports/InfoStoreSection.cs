namespace Stasis.Cli.Output.Reports;

/// <summary>The directories of Stasis, the number of containers and images in them, and the checkpoint store.</summary>
internal sealed record InfoStoreSection(string Root, string RunRoot, int Containers, int Images, CheckpointStoreReport Checkpoints);

/// <summary>The checkpoint store, and what it is kept within.</summary>
/// <param name="Count">Number of checkpoints.</param>
/// <param name="Size">What they take on disk, in bytes.</param>
/// <param name="MaxSize">Bytes beyond which unused ones are removed; null if there is no such limit.</param>
/// <param name="MaxAgeSeconds">Time after which unused ones are removed; null if there is no such limit.</param>
internal sealed record CheckpointStoreReport(int Count, long Size, long? MaxSize, long? MaxAgeSeconds);
