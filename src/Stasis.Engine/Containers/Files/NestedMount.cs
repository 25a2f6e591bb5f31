using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Containers.Files;

/// <summary>A mount of the host's within the source of a bind.</summary>
/// <param name="Mount">The mount as a bind of its own.</param>
/// <param name="Bind">The bind of the spec that brings it along.</param>
internal sealed record NestedMount(OciMount Mount, OciMount Bind);
