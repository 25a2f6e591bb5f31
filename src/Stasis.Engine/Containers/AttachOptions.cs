namespace Stasis.Engine.Containers;

/// <summary>How <c>attach</c> attaches.</summary>
public sealed record AttachOptions
{
    /// <summary>What ends the attachment when typed at a terminal; empty: nothing does. Characters or ctrl-LETTER, with commas between.</summary>
    public string DetachKeys { get; init; } = "ctrl-p,ctrl-q";
    /// <summary>The caller's standard input isn't passed on.</summary>
    public bool NoStdin { get; init; }
    /// <summary>Signals that reach the caller are passed on, unless the container has a terminal.</summary>
    public bool SignalProxy { get; init; } = true;
}
