using Stasis.Engine.Model;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Oci;

/// <summary>A container that conmon is to bring up, from the bundle in its folder.</summary>
internal sealed record ConmonRequest
{
    /// <summary>The container.</summary>
    public required Container Container { get; init; }

    /// <summary>The container's paths.</summary>
    public required ContainerLayout Paths { get; init; }

    /// <summary>Program and arguments that conmon runs when the container has ended; the container's ID comes last.</summary>
    public required IReadOnlyList<string> ExitCommand { get; init; }

    /// <summary>
    /// Program and arguments that conmon runs in place of the runtime, the runtime's arguments after them; null for the runtime itself.
    /// </summary>
    public IReadOnlyList<string>? RuntimeCommand { get; init; }

    /// <summary>
    /// conmon runs the runtime's restore verb with this, in place of the create verb.
    /// </summary>
    public RestoreRequest? Restore { get; init; }
}
