namespace Stasis.Engine.Storage;

/// <summary>A checkpoint in the store, which any number of containers may be made from.</summary>
/// <param name="Id">64 hexadecimal digits: of an archive the SHA-256 of its file.</param>
/// <param name="Origin">How it came there.</param>
/// <param name="ContainerId">ID that the container had.</param>
/// <param name="ContainerName">Name that it had.</param>
/// <param name="Image">Name of its image, if it has one.</param>
/// <param name="Created">When it came into the store.</param>
/// <param name="Used">When a container was last made from it.</param>
public sealed record StoredCheckpoint(
    string Id,
    CheckpointOrigin Origin,
    string ContainerId,
    string ContainerName,
    string? Image,
    DateTimeOffset Created,
    DateTimeOffset Used)
{
    /// <summary>Names that people gave it.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>All of it is there. Otherwise its memory is still being read from its archive, or that was cut off.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>SHA-256 of the archive that it was read from; null as long as it isn't whole.</summary>
    public string? Digest { get; init; }

    /// <summary>SSH public key that its archive was signed with, where a signature was asked for and found right.</summary>
    public string? Signer { get; init; }

    /// <summary>
    /// It was read by a restore, which doesn't wait for the disk, and the machine was started anew before it was known
    /// to be there. It can't be used; whoever has its archive reads that again.
    /// </summary>
    public bool MayBeLost => Boot is not null && Boot != Stasis.Engine.Common.BootId.Id;

    /// <summary>The boot in which the kernel has it, as long as it isn't known to be on disk.</summary>
    internal string? Boot { get; init; }

    /// <summary>It outlives its containers.</summary>
    public bool IsKept => Digest is not null || Tags.Count > 0;
}
