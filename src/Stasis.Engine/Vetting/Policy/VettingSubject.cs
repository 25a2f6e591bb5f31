using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.Oci.Spec;

namespace Stasis.Engine.Vetting.Policy;

/// <summary>What the rules look at.</summary>
internal sealed record VettingSubject
{
    /// <summary>The archive's config.dump.</summary>
    public required ContainerConfig Config { get; init; }

    /// <summary>The archive's spec.dump.</summary>
    public required OciSpec Spec { get; init; }

    /// <summary>Where the archive's entries lie; null in tests of what JSON alone tells.</summary>
    public CheckpointFolder? Checkpoint { get; init; }

    /// <summary>What was asked for: an option that replaces what the archive says silences the rule about it.</summary>
    public RestoreOptions Options { get; init; } = new();

    /// <summary>This host.</summary>
    public HostFacts Host { get; init; } = new();

    /// <summary>This host's default seccomp profile, or null if it has none.</summary>
    public SeccompProfile? Seccomp { get; init; }

    /// <summary>Whether an image of that ID or name is here.</summary>
    public Func<string, bool> HasImage { get; init; } = _ => true;

    /// <summary>The spec's Linux part; <see cref="RestoredIdentity.Validate"/> has seen that it is there.</summary>
    public OciLinux Linux => Spec.Linux ?? new OciLinux();

    /// <summary>Its process.</summary>
    public OciProcess Process => Spec.Process ?? new OciProcess();
}
