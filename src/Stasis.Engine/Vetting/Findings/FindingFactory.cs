using System.Text;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Vetting.Findings;

/// <summary>Creates findings of a rule.</summary>
internal static class FindingFactory
{
    // A longer value is no use on a command line, or on a screen.
    private const int MaxAllowLength = 300, MaxTextLength = 300;

    /// <summary>
    /// Creates a finding that is refused unless <c>--allow NAME:EXACT</c> is given. <paramref name="exact"/>
    /// says everything that the finding is about, so that the flag allows this finding and no other.
    /// </summary>
    public static Finding Refused(RuleDescriptor rule, string where, string value, string message, string exact) =>
        Create(rule, Severity.Refused, where, value, message, $"{rule.AllowName}:{(exact.Length <= MaxAllowLength ? exact : Hash(exact))}");

    /// <summary>Creates a finding that is always refused.</summary>
    public static Finding Never(RuleDescriptor rule, string where, string value, string message) =>
        Create(rule, Severity.Refused, where, value, message, null);

    /// <summary>Creates a warning: the import goes on.</summary>
    public static Finding Warning(RuleDescriptor rule, string where, string value, string message) =>
        Create(rule, Severity.Warning, where, value, message, null);

    /// <summary>Creates a finding that <c>stasis archive verify</c> lists, and that has no other effect.</summary>
    public static Finding Info(RuleDescriptor rule, string where, string value, string message) =>
        Create(rule, Severity.Info, where, value, message, null);

    private static Finding Create(RuleDescriptor rule, Severity severity, string where, string value, string message, string? allow) =>
        new(rule.Id, severity, Cut(where), Cut(value), Cut(message), allow);

    private static string Cut(string text) => text.Length <= MaxTextLength ? text : text[..MaxTextLength] + "…";

    private static string Hash(string exact) => $"sha256={Convert.ToHexStringLower(Sha256.Compute(Encoding.UTF8.GetBytes(exact)))}";
}
