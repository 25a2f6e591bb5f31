using Stasis.Cli.Output.Reports;
using Stasis.Engine.Vetting.Findings;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class VerifyReportTests
{
    [Theory]
    [InlineData("mount:/srv/$(touch x):rw", "--allow 'mount:/srv/$(touch x):rw'")]
    [InlineData("mount:/a\nb:rw", @"--allow $'mount:/a\u000ab:rw'")]
    [InlineData("cap:NET_ADMIN", "--allow cap:NET_ADMIN")]
    public void Allow_flag_is_one_shell_word_on_its_own_line(string allow, string line)
    {
        var report = VerifyReport.FromFindings(
            "a.tar",
            [new Finding("mount", Severity.Refused, "spec.dump", "x\n         --allow $(x)", "y", allow)]);

        Assert.Equal(
            [line],
            report.Text().Split('\n').Select(text => text.Trim()).Where(text => text.StartsWith("--allow", StringComparison.Ordinal)));
        Assert.Equal(allow, Assert.Single(report.Findings).Allow);
    }

    [Fact]
    public void Allowed_finding_is_no_reason_to_refuse()
    {
        var allowed = new Finding("cap", Severity.Allowed, "spec.dump", "CAP_X", "y", "cap:X");
        var warning = new Finding("image", Severity.Warning, "w", "v", "m", null);
        var report = VerifyReport.FromFindings("a.tar", [allowed, warning]);

        Assert.StartsWith("allowed  cap: ", report.Text(), StringComparison.Ordinal);
        Assert.EndsWith("a.tar: nothing that a restore would refuse\n", report.Text(), StringComparison.Ordinal);
    }
}
