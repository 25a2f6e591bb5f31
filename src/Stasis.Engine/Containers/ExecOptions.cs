namespace Stasis.Engine.Containers;

/// <summary>Options of a command that is run in a container.</summary>
public sealed record ExecOptions
{
    /// <summary>The command: program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }
    /// <summary>Pass on standard input.</summary>
    public bool Interactive { get; init; }
    /// <summary>Give the command a terminal.</summary>
    public bool Tty { get; init; }
    /// <summary>Return once the command runs.</summary>
    public bool Detach { get; init; }
    /// <summary>KEY=VALUE, added to the container's environment.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];
    /// <summary>Working directory; null for the first process's.</summary>
    public string? WorkingDirectory { get; init; }
    /// <summary>user[:group]; null for the first process's.</summary>
    public string? User { get; init; }
    /// <summary>Give the command all capabilities.</summary>
    public bool Privileged { get; init; }
}
