namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>Something in a running container that matters to a checkpoint of it.</summary>
public sealed record PreflightFinding
{
    /// <summary>What follows from it.</summary>
    public required PreflightSeverity Severity { get; init; }
    /// <summary>What was found, such as <c>tcp-connection</c>: a name that stays the same.</summary>
    public required string Kind { get; init; }
    /// <summary>The process, by its PID on this host; null if the finding isn't of one process.</summary>
    public int? Pid { get; init; }
    /// <summary>The process's name.</summary>
    public string? Process { get; init; }
    /// <summary>The process's descriptor.</summary>
    public int? Descriptor { get; init; }
    /// <summary>The path, address or other name of what was found.</summary>
    public string? Path { get; init; }
    /// <summary>What it is and what it means: words to follow the process.</summary>
    public required string Message { get; init; }
    /// <summary>What to do about it; null if nothing has to be done.</summary>
    public string? Remedy { get; init; }
    /// <summary>The option of <see cref="CheckpointOptions"/> that the checkpoint needs, as the command's flag.</summary>
    public string? Option { get; init; }

    /// <summary>Whether the checkpoint wouldn't be taken.</summary>
    public bool IsObstacle => Severity != PreflightSeverity.Note;

    /// <summary>The finding as words: the process, the descriptor, what it is.</summary>
    public override string ToString() => string.Join(": ", ((string?[])[Subject(), Message]).OfType<string>());

    private string? Subject() => (Pid, Descriptor) switch
    {
        ({ } pid, { } descriptor) => FormattableString.Invariant($"PID {pid} ({Process}), descriptor {descriptor}"),
        ({ } pid, null) => FormattableString.Invariant($"PID {pid} ({Process})"),
        _ => null,
    };
}
