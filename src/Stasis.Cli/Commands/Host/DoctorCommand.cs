using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Reports;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Host;

namespace Stasis.Cli.Commands.Host;

internal sealed class DoctorCommand : Verb
{
    private readonly Option<bool> _prove = OptionFactory.Flag("--prove", null, "Dump and restore a process to test CRIU (default: true)");
    private readonly Option<string?> _format =
        OptionFactory.Text("--format", "-f", "FORMAT", "json, or a template such as {{.CanCheckpoint}}");

    public DoctorCommand() : base("doctor", "Check whether containers can be checkpointed and restored on this host") =>
        AddOptions(_format, _prove);

    public override bool UsesState => false;

    public override bool NeedsRoot => true; // the tests fail for other users on any host

    public override string Details =>
        "Looks for every program and file that Stasis uses, tests every kernel feature, and lets CRIU dump and restore a process. " +
        "Shows what is missing, what does not work without it, and how to fix it.";

    public override IReadOnlyList<(string, string)> ExitCodes =>
        [("0", "Containers can be checkpointed and restored."), ("1", "Containers cannot be checkpointed and restored.")];

    public override async Task<int> RunAsync(Invocation run)
    {
        var prove = !run.Has(_prove) || run.Get(_prove);
        var report = await HostProbe.RunAsync(run.EngineOptions, prove, run.Cancellation);
        if (run.Get(_format) is { } format)
            JsonPrinter.WriteFormatted("doctor", report, CliJsonContext.Default.HostReport, format);
        else
            HostReportText.Write(report, StandardOutput.Writer);
        return report.CanCheckpoint ? 0 : 1;
    }
}
