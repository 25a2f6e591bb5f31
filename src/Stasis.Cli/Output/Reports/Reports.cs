using Stasis.Engine.Host;

namespace Stasis.Cli.Output.Reports;

/// <summary>What <c>version --format json</c> prints.</summary>
internal sealed record VersionReport(string Version, string Os, string Arch);

/// <summary>What <c>info</c> prints.</summary>
internal sealed record InfoReport(string Version, StoreReport Store, HostReport Host);

/// <summary>Where things are kept, and how many there are.</summary>
internal sealed record StoreReport(string Root, string RunRoot, int Containers, int Images);
