namespace Stasis.Engine.ExternalEngines;

/// <summary>A running container of another engine, with what that engine calls it.</summary>
/// <param name="Task">Process, bundle and runtime.</param>
/// <param name="Name">Its name.</param>
internal sealed record ExternalContainer(EngineTask Task, string Name)
{
    /// <summary>What it may be called by, beside <see cref="Name"/> and its ID.</summary>
    public IReadOnlyList<string> OtherNames { get; init; } = [];

    /// <summary>Its image's name, as the engine knows it.</summary>
    public string? Image { get; init; }

    /// <summary>Its image's ID, 64 hexadecimal digits: the digest of the configuration.</summary>
    public string? ImageId { get; init; }

    /// <summary>Docker's log of JSON lines.</summary>
    public string? JsonLog { get; init; }

    /// <summary>A log in the format of Kubernetes.</summary>
    public string? Log { get; init; }

    /// <summary>The folder beneath which the engine keeps named volumes; null if it has none.</summary>
    public string? Volumes { get; init; }
}
