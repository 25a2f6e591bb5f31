namespace Stasis.Engine.Containers.Supervision;

/// <summary>What a verb does in a state.</summary>
internal enum Transition
{
    /// <summary>It goes on.</summary>
    Allowed,
    /// <summary>What it is to bring about is so already: it succeeds without doing anything.</summary>
    Done,
    /// <summary>It is refused.</summary>
    Refused,
}
