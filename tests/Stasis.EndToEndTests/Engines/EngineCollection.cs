using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>Tests that share the engines' daemons, and so run one after another.</summary>
[CollectionDefinition]
public sealed class EngineCollection : ICollectionFixture<EngineDaemons>;
