using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Reports;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Host;

namespace Stasis.Cli.Commands.Host;

internal sealed class DoctorCommand : Verb
{
    private readonly Option<bool> _prove = OptionFactory.Flag("--prove", null, "Dump and restore a small process, to see that CRIU works; --prove=false leaves that out");
    private readonly Option<string?> _format = OptionFactory.Text("--format", "-f", "FORMAT", "json, or a template such as {{.CanCheckpoint}}");

    public DoctorCommand() : base("doctor", "See whether containers can be checkpointed and restored on this machine") => AddOptions(_format, _prove);

    public override bool UsesState => false;

    public override bool NeedsRoot => true; // what is tried fails for others, whatever the machine can do

    public override string Details =>
        "Every program and file that Stasis drives is looked for, every kernel feature is tried, and CRIU has to dump and restore a process. What is missing is shown " +
        "with what can't be done without it and what to do.";

    public override string ExitCodes => "The exit code is 0 if containers can be checkpointed and restored, 1 if not.";

    public override async Task<int> RunAsync(Invocation run)
    {
        var prove = !run.Has(_prove) || run.Get(_prove);
        var report = await HostProbe.RunAsync(run.EngineOptions, prove, run.Cancellation);
        if (run.Get(_format) is { } format)
            Json.WriteFormatted("doctor", report, CliJson.Default.HostReport, format);
        else
            HostReportText.Write(report, StandardOutput.Writer);
        return report.CanCheckpoint ? 0 : 1;
    }
}
