using Stasis.EndToEndTests.Harness;
using Stasis.EndToEndTests.Interop;

namespace Stasis.EndToEndTests.Compatibility;

/// <summary>A program in the container of a host.</summary>
/// <param name="Host">Where the container is.</param>
/// <param name="Client">Whence it is reached over the network.</param>
/// <param name="Container">The container's name.</param>
public sealed record RunningProgram(Side Host, StasisHost Client, string Container);
