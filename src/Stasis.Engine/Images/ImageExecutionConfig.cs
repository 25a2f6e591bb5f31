namespace Stasis.Engine.Images;

/// <summary>Execution parameters of an image (OCI image spec: config.config).</summary>
public sealed record ImageExecutionConfig
{
    /// <summary>User.</summary>
    public string? User { get; init; }
    /// <summary>KEY=VALUE.</summary>
    public IReadOnlyList<string>? Env { get; init; }
    /// <summary>Entrypoint.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }
    /// <summary>Command.</summary>
    public IReadOnlyList<string>? Cmd { get; init; }
    /// <summary>Paths that want a volume.</summary>
    public IReadOnlyList<string>? Volumes { get; init; }
    /// <summary>Working directory.</summary>
    public string? WorkingDir { get; init; }
    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
    /// <summary>Signal that asks it to stop: name or number.</summary>
    public string? StopSignal { get; init; }
    /// <summary>Ports such as <c>80/tcp</c>.</summary>
    public IReadOnlyList<string>? ExposedPorts { get; init; }
}
