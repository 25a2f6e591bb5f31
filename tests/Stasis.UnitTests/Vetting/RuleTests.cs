using System.Text.RegularExpressions;
using Stasis.Engine.Vetting;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;
using Stasis.Engine.Vetting.Policy;
using Xunit;

namespace Stasis.UnitTests.Vetting;

/// <summary>Rules are data: what the documentation says of them, and what <c>--allow</c> takes, comes from their descriptors.</summary>
public sealed partial class RuleTests
{
    // Set to write the tables into docs/ instead of comparing them.
    private const string WriteVariable = "STASIS_WRITE_RULE_TABLES";

    private const string FirstColumn = "| rule | ";

    private static IEnumerable<RuleDescriptor> All => [.. RuleCatalog.Policy, .. RuleCatalog.Images, .. RuleCatalog.Restored];

    [Fact]
    public void Import_policy_page_lists_every_rule() => RequireTable("import-policy.md", "what it finds", RuleCatalog.Policy);

    [Fact]
    public void Image_verifier_page_lists_every_rule() => RequireTable("image-verifier.md", "what it refuses", RuleCatalog.Images);

    [Fact]
    public void Restore_jail_page_lists_every_rule() => RequireTable("restore-jail.md", "what it refuses", RuleCatalog.Restored);

    [Fact]
    public void Rules_have_different_ids()
    {
        var ids = All.Select(rule => rule.Id).ToList();

        Assert.True(ids.Count > 60);
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(RuleCatalog.Images, rule => Assert.StartsWith("image-", rule.Id, StringComparison.Ordinal));
        Assert.DoesNotContain(RuleCatalog.Policy, rule => rule.Id.StartsWith("image-", StringComparison.Ordinal));
    }

    [Fact]
    public void Checks_have_different_places_in_the_order()
    {
        Assert.Equal(PolicyCheckRunner.Checks.DistinctBy(check => check.Order), PolicyCheckRunner.Checks);
        Assert.Equal(ImageVerifier.Checks.DistinctBy(check => check.Order), ImageVerifier.Checks);
    }

    [Fact]
    public void Values_that_the_documentation_names_are_accepted()
    {
        foreach (var rule in All.Where(rule => rule.Allow is not null))
        {
            Assert.StartsWith($"`{rule.AllowName}", rule.Allow, StringComparison.Ordinal);
            _ = new AllowList([Value().Match(rule.Allow!).Groups[1].Value], "docs");
        }
    }

    [Fact]
    public void Rules_that_nothing_allows_are_no_values()
    {
        Assert.Contains(RuleCatalog.Policy, rule => rule.Allow is null);
        Assert.All(
            RuleCatalog.Policy.Where(rule => rule.Allow is null),
            rule => Assert.DoesNotContain(rule.Id, RuleCatalog.AllowNames));
    }

    private static void RequireTable(string page, string column, IReadOnlyList<RuleDescriptor> rules)
    {
        var path = Path.Combine(Repository.Root, "docs", page);
        var lines = File.ReadAllLines(path);
        string[] expected = [$"{FirstColumn}{column} | `--allow` |", "|---|---|---|", .. rules.Select(Row)];
        var start = Array.FindIndex(lines, line => line.StartsWith(FirstColumn, StringComparison.Ordinal));
        var end = Array.FindIndex(lines, start, line => line.Length == 0);
        if (Environment.GetEnvironmentVariable(WriteVariable) is { Length: > 0 })
            File.WriteAllLines(path, [.. lines[..start], .. expected, .. lines[end..]]);
        else
            Assert.True(
                expected.SequenceEqual(lines.Skip(start).Take(end - start)),
                $"docs/{page} and the rules differ: run this test with {WriteVariable}=1");
    }

    private static string Row(RuleDescriptor rule)
    {
        var allow = rule.Allow ?? (rule.Severity == Severity.Refused ? "nothing" : "");
        return $"| `{rule.Id}` | {rule.Finds} | {allow} |".Replace("  |", " |", StringComparison.Ordinal);
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Value();
}
