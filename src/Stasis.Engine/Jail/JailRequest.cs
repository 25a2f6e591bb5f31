using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Jail;

/// <summary>A restore that is to run in a jail, whoever asks for it: the engine, or a bundle of another engine.</summary>
internal sealed record JailRequest
{
    /// <summary>The container's ID.</summary>
    public required string Id { get; init; }

    /// <summary>The runtime that restores.</summary>
    public required Runtime Runtime { get; init; }

    /// <summary>The container's spec, with the host's sources of binds. Its cgroups are made.</summary>
    public required OciSpec Spec { get; init; }

    /// <summary>What it is restored from.</summary>
    public required RestoreRequest Restore { get; init; }

    /// <summary>The folder for copies of programs, which restores share.</summary>
    public required string Programs { get; init; }

    /// <summary>A folder for the jail's own files; it is made anew.</summary>
    public required string Folder { get; init; }

    /// <summary>The bundle; it needs to be there only in the jail.</summary>
    public required string Bundle { get; init; }

    /// <summary>Lines of an action script of CRIU's; null if there is nothing to do.</summary>
    public string? Script { get; init; }

    /// <summary>The container's root file system, mounted.</summary>
    public required string RootFs { get; init; }

    /// <summary>The runtime's <c>--root</c>.</summary>
    public required string StateRoot { get; init; }

    /// <summary>The runtime's log.</summary>
    public required string Log { get; init; }

    /// <summary>Where the runtime writes the PID of the container's first process.</summary>
    public required string PidFile { get; init; }

    /// <summary>The page server's socket; null if no memory is loaded later.</summary>
    public string? PagesSocket { get; init; }

    /// <summary>Where the findings are written to.</summary>
    public string Findings => Path.Combine(Folder, "findings.json");

    /// <summary>The files of the jail's bundle, outside.</summary>
    public string BundleSource => Path.Combine(Folder, "bundle");

    /// <summary>An empty folder, at which the jail is mounted while it is made.</summary>
    public string NewRoot => Path.Combine(Folder, "root");

    /// <summary>CRIU's configuration file, as the jail has it.</summary>
    public string CriuConfig => Path.Combine(Bundle, "criu.conf");

    /// <summary>CRIU's action script, as the jail has it.</summary>
    public string CriuScript => Path.Combine(Bundle, "criu.sh");
}
