namespace Stasis.Engine.Vetting.Findings;

/// <summary>Makes findings.</summary>
internal static class FindingFactory
{
    // Longer ones are no use on a command line.
    private const int LongestAllow = 300;

    /// <summary>Refused, unless <c>--allow RULE:EXACT</c> is given. <paramref name="exact"/> is all that it is about, so that it permits this and no more.</summary>
    public static Finding Refused(string rule, string where, string value, string message, string exact) =>
        new(rule, Severity.Refused, where, value, message, $"{rule}:{(exact.Length <= LongestAllow ? exact : Hashed(exact))}");

    /// <summary>Refused, whatever is given.</summary>
    public static Finding Never(string rule, string where, string value, string message) => new(rule, Severity.Refused, where, value, message, null);

    /// <summary>Told, and no more.</summary>
    public static Finding Warning(string rule, string where, string value, string message) => new(rule, Severity.Warning, where, value, message, null);

    /// <summary>Listed by <c>archive verify</c>.</summary>
    public static Finding Info(string rule, string where, string value, string message) => new(rule, Severity.Info, where, value, message, null);

    private static string Hashed(string exact) => $"sha256={Convert.ToHexStringLower(Stasis.Linux.Cryptography.Sha256.Compute(System.Text.Encoding.UTF8.GetBytes(exact)))}";
}
