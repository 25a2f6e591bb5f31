using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Reports;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Cli.Commands.Archives;

internal sealed class ArchiveVerifyCommand : Verb
{
    private readonly Option<string[]> _allow = ArchiveAccessOptions.MakeAllow();
    private readonly Option<string?> _format = OptionFactory.Text("--format", "-f", "FORMAT", "json, or a template such as {{.Findings}}");
    private readonly Option<string[]> _identity =
        OptionFactory.Many("--identity", null, "FILE", "Decrypt the archive with the age identities in this file; may be repeated");
    private readonly Option<string?> _key =
        OptionFactory.Text("--key", null, "FILE", "Require a signature by one of the SSH public keys in this file");
    private readonly Option<string?> _policy = ArchiveAccessOptions.MakePolicy();
    private readonly Option<string?> _signature =
        OptionFactory.Text("--signature", null, "FILE", "Require this signature of the archive (default: archive name with .sig)");
    private readonly Argument<string[]> _archive;

    public ArchiveVerifyCommand() : base("verify", "Check whether a restore would accept an archive, without restoring it")
    {
        AddOptions(_allow, _format, _identity, _key, _policy, _signature);
        _archive = AddArgument("FILE", ArgumentArity.ExactlyOne);
    }

    public override string Details =>
        "Makes all the checks that a restore makes first, and prints everything that they find: what a restore would refuse, with the " +
        "--allow value that permits it, if there is one; what --allow or the import policy allows; whether the archive was written on " +
        "this host and is unchanged; and what is unusual but stays within the container. Use it to try a policy before installing it.";

    public override IReadOnlyList<(string, string)> ExitCodes =>
    [
        ("0", "A restore would accept the archive."),
        ("1", "A restore would refuse the archive, for what it asks for or for its signature."),
    ];

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis archive verify counter.tar.zst", "Print what the archive asks for."),
        ("stasis archive verify --policy new-policy.json counter.tar.zst", "Try a policy on an archive."),
        ("stasis archive verify --key ops.pub counter.tar.zst", "Verify that the archive is signed by that key, too."),
    ];

    public override async Task<int> RunAsync(Invocation run)
    {
        var archive = run.Get(_archive)[0];
        var trust = new ArchiveTrustOptions
        {
            Identities = run.Get(_identity),
            RequireSignature = run.Has(_key) || run.Has(_signature),
            Signers = run.Get(_key),
            Signature = run.Get(_signature),
            Allow = run.Get(_allow),
            Policy = run.Get(_policy),
        };
        try
        {
            return Print(run, archive, await Find(run, archive, trust));
        }
        catch (ArchiveException exception) when (exception.IsUntrusted)
        {
            FailureReport.Report(exception, run.Debug);
            return 1;
        }
    }

    private static Task<IReadOnlyList<Finding>> Find(Invocation run, string archive, ArchiveTrustOptions trust) =>
        ProgressDisplay.ShowAsync(
        (IProgress<OperationProgress>? progress) =>
            run.Engine.Checkpoints.VerifyAsync(ArchiveAccessOptions.Source(archive), trust, progress, run.Cancellation));

    private int Print(Invocation run, string archive, IReadOnlyList<Finding> findings)
    {
        var report = VerifyReport.FromFindings(archive, findings);
        if (run.Get(_format) is { } format)
            JsonPrinter.WriteFormatted("archive verify", report, CliJsonContext.Default.VerifyReport, format);
        else
            StandardOutput.Text(report.Text());
        return findings.Any(finding => finding.Severity == Severity.Refused) ? 1 : 0;
    }
}
