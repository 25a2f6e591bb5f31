namespace Stasis.Engine.Vetting.Policy;

/// <summary>Values of an archive that the restore replaces. The rules about them have nothing to judge.</summary>
/// <param name="Networks">Whether the restore names the container's networks.</param>
/// <param name="Runtime">Name or path of the OCI runtime that the restore names; null if it names none.</param>
internal readonly record struct ReplacedValues(bool Networks, string? Runtime)
{
    /// <summary>Whether the restore names the ports to publish, or publishes none.</summary>
    public bool Ports { get; init; }

    /// <summary>Whether the restore names the container.</summary>
    public bool Name { get; init; }
}
