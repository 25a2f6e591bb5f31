using Stasis.Engine.Host;

namespace Stasis.Cli.Output.Reports;

/// <summary>What <c>info</c> prints.</summary>
internal sealed record InfoReport(string Version, InfoStoreSection Store, HostReport Host);
