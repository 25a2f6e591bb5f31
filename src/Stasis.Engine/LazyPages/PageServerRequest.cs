namespace Stasis.Engine.LazyPages;

/// <summary>
/// A restore's request to supply a container's memory, sent to the page server with the socket that CRIU will connect to.
/// </summary>
/// <param name="Container">The container, as <see cref="LazyMemoryFiles.Container"/> names it.</param>
/// <param name="Record">Path of the container's <see cref="LazyPagesProgress"/>.</param>
internal sealed record PageServerRequest(string Container, string Record)
{
    /// <summary>The answer when CRIU has restored the processes.</summary>
    public const string Restored = "restored";
}
