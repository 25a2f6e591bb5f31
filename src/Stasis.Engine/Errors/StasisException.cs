namespace Stasis.Engine.Errors;

/// <summary>
/// The base of every failure that the engine reports on purpose. The message says what failed and why: "what failed: why".
/// </summary>
/// <param name="message">What failed and why, naming the container, path or entry.</param>
/// <param name="inner">The exception that caused the failure, if any.</param>
public class StasisException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What failed and why: "what failed: why".</summary>
    public override string Message => Subject is null ? base.Message : $"{Subject}: {base.Message}";

    /// <summary>What the failed call was about, for a message that doesn't name it: "archive a.tar". Null where it does.</summary>
    internal string? Subject { get; set; }

    /// <summary>What to do about the failure, if anything can be done.</summary>
    public Remedy? Remedy { get; init; }

    /// <summary>What the failed call left behind.</summary>
    public Survived Survived { get; init; }
}
