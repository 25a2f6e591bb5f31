namespace Stasis.Engine.Vetting.Findings;

/// <summary>What becomes of a finding.</summary>
public enum Severity
{
    /// <summary>Worth knowing; nothing follows from it.</summary>
    Info,
    /// <summary>Out of the ordinary, but confined to the container; the import goes on.</summary>
    Warning,
    /// <summary>It would be refused, but is allowed.</summary>
    Allowed,
    /// <summary>The import is refused, unless it is allowed.</summary>
    Refused,
}
