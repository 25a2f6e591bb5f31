using System.Text;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Vetting.Findings;

/// <summary>Creates findings of a rule.</summary>
internal static class FindingFactory
{
    // A longer value is no use on a command line.
    private const int LongestAllow = 300;

    /// <summary>
    /// Creates a finding that is refused unless <c>--allow NAME:EXACT</c> is given. <paramref name="exact"/>
    /// says everything that the finding is about, so that the flag allows this finding and no other.
    /// </summary>
    public static Finding Refused(RuleDescriptor rule, string where, string value, string message, string exact) =>
        new(rule.Id, Severity.Refused, where, value, message, $"{rule.AllowName}:{(exact.Length <= LongestAllow ? exact : Hash(exact))}");

    /// <summary>Creates a finding that is always refused.</summary>
    public static Finding Never(RuleDescriptor rule, string where, string value, string message) =>
        new(rule.Id, Severity.Refused, where, value, message, null);

    /// <summary>Creates a warning: the import goes on.</summary>
    public static Finding Warning(RuleDescriptor rule, string where, string value, string message) =>
        new(rule.Id, Severity.Warning, where, value, message, null);

    /// <summary>Creates a finding that <c>stasis archive verify</c> lists, and that has no other effect.</summary>
    public static Finding Info(RuleDescriptor rule, string where, string value, string message) =>
        new(rule.Id, Severity.Info, where, value, message, null);

    private static string Hash(string exact) => $"sha256={Convert.ToHexStringLower(Sha256.Compute(Encoding.UTF8.GetBytes(exact)))}";
}
