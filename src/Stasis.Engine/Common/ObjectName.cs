using System.Text.RegularExpressions;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Common;

/// <summary>Names that users give to containers and volumes. The rule is Podman's.</summary>
internal static partial class ObjectName
{
    private const int Longest = 255; // NAME_MAX: a volume is a folder

    /// <summary>
    /// Whether it has only letters, digits, '_', '.' and '-', begins with a letter or digit, and has at most 255 characters.
    /// </summary>
    public static bool IsValid(string name) => name.Length <= Longest && Pattern().IsMatch(name);

    /// <param name="what">Whose name it is: "container" or "volume".</param>
    /// <param name="name">The name.</param>
    /// <exception cref="StasisException">It isn't valid.</exception>
    public static void Require(string what, string name)
    {
        if (IsValid(name))
            return;
        var shown = name.Length <= Longest ? name : name[..Longest] + "…";
        throw new InvalidRequestException(
            $"{what} name \"{shown}\": a name has letters, digits, '_', '.' and '-' only, begins with a letter or digit, "
            + $"and has at most {Longest} characters")
        {
            Remedy = "choose another name",
        };
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9_.-]*\z")]
    private static partial Regex Pattern();
}
