namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>What follows from a finding for a checkpoint with the given options.</summary>
public enum PreflightSeverity
{
    /// <summary>The checkpoint is taken: it keeps what was found, leaves it out, or may fail because of it.</summary>
    Note,
    /// <summary>The checkpoint isn't taken without an option that wasn't given.</summary>
    NeedsOption,
    /// <summary>The checkpoint isn't taken, whatever the options.</summary>
    Refused,
}
