using Stasis.EndToEndTests.Harness;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>A host that is looked at. Its files, mounts, sockets and settings are seen through one of its processes.</summary>
/// <param name="Process">The process's PID, or "self".</param>
/// <param name="Root">The host's root folder; empty for that of the test.</param>
internal sealed record HostView(string Process, string Root)
{
    /// <summary>The host of the test.</summary>
    public static HostView Own { get; } = new("self", "");

    /// <summary>The peer, in which the other engines run.</summary>
    public static HostView OfPeer() => new(Peer.Holder, $"/proc/{Peer.Holder}/root");

    /// <summary>Its network namespace.</summary>
    public string NetNs => $"/proc/{Process}/ns/net";
}
