using Microsoft.Win32.SafeHandles;

namespace Stasis.Linux.Processes;

/// <summary>What to run, and how.</summary>
public sealed record SpawnOptions
{
    /// <summary>The program: a path, or a name that is searched on PATH (that of <see cref="Environment"/>, if it is set).</summary>
    public required string Program { get; init; }
    /// <summary>The name that the program is called by, argv[0]; null for <see cref="Program"/>.</summary>
    public string? CalledName { get; init; }
    /// <summary>Arguments after argv[0].</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
    /// <summary>Environment variables as KEY=VALUE; null for this process's environment.</summary>
    public IReadOnlyList<string>? Environment { get; init; }
    /// <summary>Working directory; null for this process's.</summary>
    public string? WorkingDirectory { get; init; }
    /// <summary>The child's descriptors by number. The child gets no others; 0, 1 and 2 are /dev/null unless they are given.</summary>
    public IReadOnlyDictionary<int, SafeFileHandle> Descriptors { get; init; } = new Dictionary<int, SafeFileHandle>();
    /// <summary>Start the child in a process group of its own (setpgid(2)), so that a terminal's Ctrl-C doesn't reach it.</summary>
    public bool NewProcessGroup { get; init; }
    /// <summary>
    /// Give the child a session keyring of its own (keyrings(7)), so that it can't access the caller's keys. Has no effect if
    /// keyctl(2) isn't allowed or the kernel has no keyrings.
    /// </summary>
    public bool NewSessionKeyring { get; init; }
    /// <summary>Start the child in a session of its own (setsid(2)).</summary>
    public bool NewSession { get; init; }
}
