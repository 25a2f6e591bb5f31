using System.Globalization;
using System.Net.Sockets;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Oci;

/// <summary>How conmon is to bring up a container.</summary>
internal sealed record ConmonRequest
{
    public required Container Container { get; init; }
    public required ContainerLayout Paths { get; init; }
    /// <summary>Restore from this CRIU images directory in place of create.</summary>
    public string? RestoreImages { get; init; }
    /// <summary>Further arguments of the runtime's restore, e.g. --tcp-established.</summary>
    public IReadOnlyList<string> RestoreArguments { get; init; } = [];
    /// <summary>program and arguments that conmon runs when the container has ended; the container's ID comes last.</summary>
    public required IReadOnlyList<string> ExitCommand { get; init; }
}
