namespace Stasis.Engine.Vetting.Findings;

/// <summary>What follows from a finding.</summary>
public enum Severity
{
    /// <summary>Worth knowing, without consequences.</summary>
    Info,
    /// <summary>Out of the ordinary, but confined to the container; the import goes on.</summary>
    Warning,
    /// <summary>The finding would be refused, but is allowed.</summary>
    Allowed,
    /// <summary>The import is refused unless the finding is allowed.</summary>
    Refused,
}
