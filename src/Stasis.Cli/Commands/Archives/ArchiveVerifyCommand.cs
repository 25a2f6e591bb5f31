using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Reports;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;
using Stasis.Engine.Vetting;

namespace Stasis.Cli.Commands.Archives;

internal sealed class ArchiveVerifyCommand : Verb
{
    private readonly Option<string[]> _allow = ArchiveAccessOptions.MakeAllow();
    private readonly Option<string?> _format = OptionFactory.Text("--format", "-f", "FORMAT", "json, or a template such as {{.Findings}}");
    private readonly Option<string[]> _identity = OptionFactory.Many("--identity", null, "FILE", "File of age identities, to decrypt the archive with; may be given more than once");
    private readonly Option<string?> _key = OptionFactory.Text("--key", null, "FILE", "Require a signature of one of the SSH public keys in the file, and verify it");
    private readonly Option<string?> _policy = ArchiveAccessOptions.MakePolicy();
    private readonly Option<string?> _signature = OptionFactory.Text("--signature", null, "FILE", "The archive's signature, which is then required; the archive's name with .sig if not given");
    private readonly Argument<string[]> _archive;

    public ArchiveVerifyCommand() : base("verify", "Tell what an archive asks for, and whether its images are what they must be, without restoring it")
    {
        Take(_allow, _format, _identity, _key, _policy, _signature);
        _archive = Takes("FILE", ArgumentArity.ExactlyOne);
    }

    public override string Details =>
        "All that a restore looks at before it makes anything is looked at, and all that it finds is told: what would be refused, with the value for --allow that permits it where one does, " +
        "what --allow or the import policy allows, or that the archive was written on this host and is unchanged, and what is out of the ordinary but stays within the container. So a policy can be tried before it is installed.";

    public override string ExitCodes => "The exit code is 0 if a restore would not refuse it, 1 if it would, also for want of a signature.";

    public override IReadOnlyList<(string Line, string What)> Examples => [
        ("stasis archive verify counter.tar.zst", "what is in there for this host?"),
        ("stasis archive verify --policy new-policy.json counter.tar.zst", "would this policy let it pass?"),
        ("stasis archive verify --key ops.pub counter.tar.zst", "and is it signed by ops?"),
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
        Progress.ShowAsync((IProgress<CheckpointProgress>? progress) => run.Engine.Checkpoints.VerifyAsync(ArchiveAccessOptions.Source(archive), trust, progress, run.Cancellation));

    private int Print(Invocation run, string archive, IReadOnlyList<Finding> findings)
    {
        var report = VerifyReport.FromFindings(archive, findings);
        if (run.Get(_format) is { } format)
            Json.WriteFormatted("archive verify", report, CliJson.Default.VerifyReport, format);
        else
            StandardOutput.Text(report.Text());
        return findings.Any(finding => finding.Severity == Severity.Refused) ? 1 : 0;
    }
}
