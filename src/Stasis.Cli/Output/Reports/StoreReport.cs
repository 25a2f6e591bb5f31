namespace Stasis.Cli.Output.Reports;

/// <summary>The directories of Stasis, and the number of containers and images in them.</summary>
internal sealed record StoreReport(string Root, string RunRoot, int Containers, int Images);
