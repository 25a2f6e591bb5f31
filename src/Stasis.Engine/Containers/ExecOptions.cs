namespace Stasis.Engine.Containers;

/// <summary>What <c>exec</c> asks for.</summary>
public sealed record ExecOptions
{
    /// <summary>argv.</summary>
    public required IReadOnlyList<string> Command { get; init; }
    /// <summary>Standard input is passed on.</summary>
    public bool Interactive { get; init; }
    /// <summary>A terminal.</summary>
    public bool Tty { get; init; }
    /// <summary>Return at once.</summary>
    public bool Detach { get; init; }
    /// <summary>KEY=VALUE on top of the container's.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];
    /// <summary>Working directory.</summary>
    public string? WorkingDirectory { get; init; }
    /// <summary>user[:group].</summary>
    public string? User { get; init; }
    /// <summary>All capabilities.</summary>
    public bool Privileged { get; init; }
}
