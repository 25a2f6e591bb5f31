namespace Stasis.Engine.Containers.Exec;

/// <summary>Options of an attachment to a container.</summary>
public sealed record AttachOptions
{
    /// <summary>
    /// Keys that end the attachment when typed at a terminal: characters or ctrl-LETTER, separated by commas. Empty for none.
    /// </summary>
    public string DetachKeys { get; init; } = "ctrl-p,ctrl-q";
    /// <summary>Do not pass on the caller's standard input.</summary>
    public bool NoStdin { get; init; }
    /// <summary>Pass on signals that reach the caller, unless the container has a terminal.</summary>
    public bool SignalProxy { get; init; } = true;
}
