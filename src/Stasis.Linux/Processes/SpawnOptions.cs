using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Processes;

/// <summary>What to run, and with exactly which descriptors: a child gets no other.</summary>
public sealed record SpawnOptions
{
    /// <summary>The program: a path, or a name on PATH (that of <see cref="Environment"/>, where it is given).</summary>
    public required string Program { get; init; }
    /// <summary>Arguments after argv[0].</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
    /// <summary>KEY=VALUE; null passes on the caller's environment.</summary>
    public IReadOnlyList<string>? Environment { get; init; }
    /// <summary>Working directory.</summary>
    public string? WorkingDirectory { get; init; }
    /// <summary>Child's descriptors: child number → the caller's descriptor. 0, 1, 2 not named are /dev/null.</summary>
    public IReadOnlyDictionary<int, SafeFileHandle> Descriptors { get; init; } = new Dictionary<int, SafeFileHandle>();
    /// <summary>Own process group (setpgid), so that a terminal's Ctrl-C doesn't reach it.</summary>
    public bool NewProcessGroup { get; init; }
    /// <summary>A session keyring of its own (keyrings(7)), so that it and its children have no access to the caller's keys. Where keyctl(2) isn't allowed or there are no keyrings: none at all, then.</summary>
    public bool NewSessionKeyring { get; init; }
    /// <summary>Own session (setsid).</summary>
    public bool NewSession { get; init; }
}
