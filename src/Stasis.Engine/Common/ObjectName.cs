using System.Text.RegularExpressions;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Common;

/// <summary>Names that users give to containers and volumes. The rule is Podman's.</summary>
internal static partial class ObjectName
{
    /// <summary>Whether it has only letters, digits, '_', '.' and '-', and begins with a letter or digit.</summary>
    public static bool IsValid(string name) => Pattern().IsMatch(name);

    /// <param name="what">Whose name it is: "container" or "volume".</param>
    /// <param name="name">The name.</param>
    /// <exception cref="StasisException">It isn't valid.</exception>
    public static void Require(string what, string name)
    {
        if (!IsValid(name))
        {
            throw new InvalidRequestException(
                $"{what} name \"{name}\": a name has letters, digits, '_', '.' and '-' only, and begins with a letter or digit")
            {
                Remedy = "choose another name",
            };
        }
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9_.-]*\z")]
    private static partial Regex Pattern();
}
