using Stasis.Engine.Archive;
using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Vetting.Policy;

/// <summary>What the import policy's rules look at.</summary>
internal sealed record VettingSubject
{
    /// <summary>The archive's config.dump.</summary>
    public required ContainerConfig Config { get; init; }

    /// <summary>The archive's spec.dump.</summary>
    public required OciSpec Spec { get; init; }

    /// <summary>The unpacked archive; null in tests of rules that read nothing but JSON.</summary>
    public CheckpointEntryPaths? Checkpoint { get; init; }

    /// <summary>What the restore replaces of the archive.</summary>
    public ReplacedValues Replaced { get; init; }

    /// <summary>Facts about this host.</summary>
    public HostFacts Host { get; init; } = new();

    /// <summary>This host's default seccomp profile, or null if it has none.</summary>
    public SeccompProfile? Seccomp { get; init; }

    /// <summary>Whether an image with that ID or name is in the store.</summary>
    public Func<string, bool> HasImage { get; init; } = _ => true;

    /// <summary>Whether the ID of a container on this host begins so.</summary>
    public Func<string, bool> BeginsAnotherId { get; init; } = _ => false;

    /// <summary>The spec's Linux part; <see cref="RestoredContainerConfig.Validate"/> requires it.</summary>
    public OciLinux Linux => Spec.Linux ?? new OciLinux();

    /// <summary>The spec's process.</summary>
    public OciProcess Process => Spec.Process ?? new OciProcess();
}
