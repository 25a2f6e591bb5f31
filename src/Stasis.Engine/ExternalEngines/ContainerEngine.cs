namespace Stasis.Engine.ExternalEngines;

/// <summary>An engine whose containers Stasis can checkpoint without the engine's help.</summary>
public enum ContainerEngine
{
    /// <summary>Docker.</summary>
    Docker,
    /// <summary>containerd: its CRI, ctr, nerdctl.</summary>
    Containerd,
    /// <summary>CRI-O.</summary>
    CriO,
    /// <summary>Podman.</summary>
    Podman,
}
