using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stasis.Engine.LazyPages;

/// <summary>A restore asks that a container's memory be supplied; CRIU will connect to the socket that comes with it.</summary>
/// <param name="Container">The container's ID.</param>
/// <param name="Record">Where its <see cref="LazyPagesRecord"/> goes.</param>
internal sealed record LazyPagesRequest(string Container, string Record)
{
    /// <summary>The answer when CRIU has restored the processes.</summary>
    public const string Restored = "restored";
}
