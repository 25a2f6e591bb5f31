namespace Stasis.Engine.Checkpoints;

/// <summary>What tells a restored container from the original, and from other copies.</summary>
public sealed record RestoreIdentityOptions
{
    /// <summary>
    /// New name. With one, the container gets a new ID too, so that a checkpoint can be restored any number of times; null keeps name and
    /// ID. Not for a container in place.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// New hostname, or null for the one that it had. If there is a new <see cref="Name"/>, that replaces <c>{name}</c>, and
    /// <see cref="CopyNumber"/>, or 1, replaces <c>{n}</c>.
    /// </summary>
    public string? Hostname { get; init; }

    /// <summary>Number of this one of several copies, from 1 on.</summary>
    public int? CopyNumber { get; init; }

    /// <summary>Values for the container's identity file; the environment of its processes can't be changed.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();
}
