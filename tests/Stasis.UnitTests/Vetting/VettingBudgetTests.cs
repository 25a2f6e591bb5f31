using Stasis.Engine.Errors;
using Stasis.Engine.Vetting;
using Stasis.Engine.Vetting.Findings;
using Xunit;

namespace Stasis.UnitTests.Vetting;

public sealed class VettingBudgetTests
{
    [Fact]
    public void Work_that_takes_longer_than_the_budget_is_an_error_that_names_the_archive()
    {
        using var over = new ManualResetEventSlim();

        var error = Assert.Throws<ArchiveException>(() => new VettingBudget(TimeSpan.Zero).Run("a.tar", () =>
        {
            over.Wait(CancellationToken.None);
            return 1;
        }));

        over.Set();
        Assert.Equal("archive a.tar: checking it took more than 0 s: it was made to take long", error.Message);
    }

    [Fact]
    public void The_result_and_the_error_of_the_work_come_through()
    {
        var budget = new VettingBudget(Timeout.InfiniteTimeSpan);

        Assert.Equal(1, budget.Run("a.tar", () => 1));
        Assert.Throws<InvalidStateException>(() => budget.Run<int>("a.tar", () => throw new InvalidStateException("x")));
    }

    [Fact]
    public void More_findings_than_can_be_listed_are_refused_and_nothing_allows_them()
    {
        Finding[] findings = [.. Enumerable.Range(0, VettingBudget.MaxFindings + 5).Select(Warning)];

        var limited = VettingBudget.Limit(findings);

        Assert.Equal(VettingBudget.MaxFindings + 1, limited.Count);
        Assert.Equal(Severity.Refused, limited[^1].Severity);
        Assert.Null(limited[^1].Allow);
        Assert.Equal(3, VettingBudget.Limit(findings[..3]).Count);
    }

    [Fact]
    public void A_refusal_prints_fifty_findings_and_how_many_more_there_are()
    {
        var refused = new ImportRefusedException("a.tar", [.. Enumerable.Range(0, 700).Select(Refused)]);

        Assert.Equal(1 + (2 * 50) + 1, refused.Message.Split('\n').Length);
        Assert.EndsWith("and 650 more, which archive verify --format json lists", refused.Message, StringComparison.Ordinal);
        Assert.Contains("700 values of --allow", refused.Remedy!.ToString(), StringComparison.Ordinal);
        Assert.Equal(700, refused.Findings.Count);
    }

    [Fact]
    public void A_long_value_is_cut()
    {
        var finding = FindingFactory.Warning(VettingBudget.Rule, "x", new string('a', 100_000), new string('b', 100_000));

        Assert.InRange(finding.Value.Length + finding.Message.Length, 100, 1000);
    }

    private static Finding Warning(int i) => FindingFactory.Warning(VettingBudget.Rule, "x", $"{i}", "y");

    private static Finding Refused(int i) => FindingFactory.Refused(VettingBudget.Rule, "x", $"{i}", "y", $"{i}");
}
