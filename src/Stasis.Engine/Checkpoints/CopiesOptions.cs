namespace Stasis.Engine.Checkpoints;

/// <summary>Which copies to make.</summary>
public sealed record CopiesOptions
{
    /// <summary>
    /// Names of the copies. If there are none, <see cref="Replicas"/> copies are made and named after <see cref="Template"/>.
    /// </summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Number of copies that have no <see cref="Names"/>.</summary>
    public int Replicas { get; init; }

    /// <summary>
    /// Names of copies, with <c>{n}</c> for a number, from 1 on, and <c>{name}</c> for the original's name. Numbers whose names are taken
    /// are skipped.
    /// </summary>
    public string Template { get; init; } = "{name}-{n}";

    /// <summary>Called with the copies' names, as soon as these are known.</summary>
    public Action<IReadOnlyList<string>>? OnNamesChosen { get; init; }

    /// <summary>
    /// How each copy is restored. In the names of hostname and volumes <c>{n}</c> is the copy's number and <c>{name}</c> its name; a
    /// hostname that isn't given is the copy's name. Ports that the original published aren't, unless they are given; established TCP
    /// connections are closed, unless they are to be kept.
    /// </summary>
    public RestoreOptions Restore { get; init; } = new();

    /// <summary>Whether the others are made when one fails; otherwise all are undone.</summary>
    public bool KeepGoing { get; init; }
}
