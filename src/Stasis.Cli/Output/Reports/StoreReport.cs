namespace Stasis.Cli.Output.Reports;

/// <summary>Where things are kept, and how many there are.</summary>
internal sealed record StoreReport(string Root, string RunRoot, int Containers, int Images);
