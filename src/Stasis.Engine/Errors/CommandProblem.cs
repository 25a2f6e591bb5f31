namespace Stasis.Engine.Errors;

/// <summary>Why a command could not be run in a container.</summary>
public enum CommandProblem
{
    /// <summary>The command isn't to blame.</summary>
    None,

    /// <summary>The container has no such program.</summary>
    NotFound,

    /// <summary>The file isn't executable, or its execution isn't permitted.</summary>
    NotExecutable,
}
