namespace Stasis.Cli.Output.Reports;

/// <summary>What <c>version --format json</c> prints.</summary>
internal sealed record VersionReport(string Version, string Os, string Arch);
