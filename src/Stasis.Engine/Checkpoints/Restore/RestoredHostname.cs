using Stasis.Engine.Errors;
using Stasis.Engine.Model;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// A new hostname for a restored container: it lies in CRIU's images, since the processes' UTS namespace is restored from them.
/// </summary>
internal static class RestoredHostname
{
    private const int Longest = 64; // HOST_NAME_MAX

    /// <summary>Requires that a hostname, if there is one, is valid.</summary>
    /// <exception cref="StasisException">It isn't.</exception>
    public static void Validate(string? hostname)
    {
        if (hostname is not null && !IsValid(hostname))
            throw new StasisException($"invalid hostname \"{hostname}\": it must have at most {Longest} characters of [a-zA-Z0-9._-]");
    }

    /// <summary>Whether a hostname is valid.</summary>
    public static bool IsValid(string hostname) =>
        hostname.Length is > 0 and <= Longest && hostname.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');

    /// <summary>The container with that hostname in its spec.</summary>
    public static Container Apply(Container container, string hostname) =>
        container with { Spec = container.Spec with { Hostname = hostname } };
}
