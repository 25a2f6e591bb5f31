namespace Stasis.Engine.Checkpoints;

/// <summary>When the memory of a restored container is there.</summary>
public sealed record RestoreMemoryOptions
{
    /// <summary>
    /// Whether the processes run before their memory is there, which then comes as they touch it, and in the background. Null does so
    /// where the kernel can, and where there is so much memory that it is worth it (64 MiB).
    /// </summary>
    public bool? Lazy { get; init; }
}
