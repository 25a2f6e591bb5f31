using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Reports;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine;
using Stasis.Engine.Host;

namespace Stasis.Cli.Commands.Host;

internal sealed class InfoCommand : Verb
{
    private readonly Option<string?> _format =
        OptionFactory.Text("--format", "-f", "FORMAT", "json (the default), or a template such as {{.Store.Root}}");

    public InfoCommand() : base("info", "Display information about Stasis and the host") => AddOptions(_format);

    public override async Task<int> RunAsync(Invocation run)
    {
        var host = await HostProbe.RunAsync(run.EngineOptions, prove: false, run.Cancellation);
        var engine = run.Engine;
        var store = new InfoStoreSection(
            engine.Layout.Root,
            engine.Layout.RunRoot,
            engine.Containers.List().Count,
            engine.Images.List().Count,
            DescribeCheckpoints(engine));
        JsonPrinter.WriteFormatted(
            "info",
            new InfoReport(VersionCommand.Version, store, host),
            CliJsonContext.Default.InfoReport,
            run.Get(_format) ?? "json");
        return 0;
    }

    private static CheckpointStoreReport DescribeCheckpoints(StasisEngine engine)
    {
        var (checkpoints, limits) = (engine.Checkpoints.List(), engine.Options.StoreLimits);
        var size = checkpoints.Select(engine.Checkpoints.SizeOf).Sum(size => size.Total - size.Shared);
        return new CheckpointStoreReport(checkpoints.Count, size, limits?.MaxSize, (long?)limits?.MaxAge?.TotalSeconds);
    }
}
