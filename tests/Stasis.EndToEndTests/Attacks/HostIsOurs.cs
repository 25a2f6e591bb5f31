using Xunit;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>Tests that look at the whole host: none runs at the same time as another.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class HostIsOurs;
