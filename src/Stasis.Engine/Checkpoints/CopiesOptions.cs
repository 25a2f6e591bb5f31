namespace Stasis.Engine.Checkpoints;

/// <summary>Which copies to make.</summary>
public sealed record CopiesOptions
{
    /// <summary>Their names; without any, there are <see cref="Replicas"/> of them, named after <see cref="Template"/>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
    /// <summary>How many, if they aren't named.</summary>
    public int Replicas { get; init; }
    /// <summary>Names of copies, with <c>{n}</c> for a number, from 1 on, and <c>{name}</c> for the original's name. Numbers whose names are taken are skipped.</summary>
    public string Template { get; init; } = "{name}-{n}";
    /// <summary>Told of their names, as soon as these are known.</summary>
    public Action<IReadOnlyList<string>>? Named { get; init; }
    /// <summary>
    /// What holds for all of them. In the names of hostname and volumes <c>{n}</c> is the copy's number and <c>{name}</c> its name; a hostname that isn't given is the copy's name. Ports
    /// that the original published aren't, unless they are given; established TCP connections are closed.
    /// </summary>
    public required RestoreOptions Restore { get; init; }
    /// <summary>When one fails the others go on; otherwise all are undone.</summary>
    public bool KeepGoing { get; init; }
}
