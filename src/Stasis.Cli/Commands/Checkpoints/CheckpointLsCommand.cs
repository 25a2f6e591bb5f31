using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Inspect;
using Stasis.Cli.Output.Tables;
using Stasis.Cli.Output.Templates;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CheckpointLsCommand : Verb
{
    private static readonly TemplatedTable Table = new(
        "ls",
        @"{{.ID}}\t{{.Tag}}\t{{.Container}}\t{{.Origin}}\t{{.Created}}\t{{.Used}}\t{{.Size}}\t{{.Shared}}\t{{.Users}}",
        new Dictionary<string, string>
        {
            ["ID"] = "CHECKPOINT ID",
            ["Shared"] = "SHARED SIZE",
            ["Users"] = "USED BY",
            ["Used"] = "LAST USED",
        });

    private readonly Option<string?> _format =
        OptionFactory.Text("--format", null, "FORMAT", "json, table, or a template such as {{.ID}}; \"table\" in front adds a header");
    private readonly Option<bool> _noHeading = OptionFactory.Flag("--noheading", "-n", "Do not print headers");
    private readonly Option<bool> _noTrunc = OptionFactory.Flag("--no-trunc", null, "Do not truncate IDs");
    private readonly Option<bool> _quiet = OptionFactory.Flag("--quiet", "-q", "Print IDs only");

    public CheckpointLsCommand(string name) : base(name, "List checkpoints in the store, last used first")
    {
        Hidden = name != "ls";
        AddOptions(_format, _noHeading, _noTrunc, _quiet);
    }

    public override string Details =>
        "SIZE counts all files on disk. SHARED SIZE is the part that an image or another checkpoint uses too: removing the checkpoint " +
        "does not free it. A checkpoint from an archive stays in the store until it is removed. A checkpoint of a container on this " +
        "host, or of an image in the store, is removed with the last container that was made from it, unless it has a name (stasis " +
        "checkpoint tag).";

    public override Task<int> RunAsync(Invocation run)
    {
        if (run.Get(_quiet) && run.Has(_format))
            throw new UsageException("quiet and format flags cannot be used together");
        var checkpoints = run.Engine.Checkpoints;
        var stored = checkpoints.List();
        if (run.Get(_quiet))
        {
            foreach (var checkpoint in stored)
                StandardOutput.Line(HumanFormat.Id(checkpoint.Id, run.Get(_noTrunc)));
            return Task.FromResult(0);
        }
        List<CheckpointInspection> rows = [.. stored.Select(checkpoint => CheckpointInspection.FromCheckpoint(checkpoint, checkpoints))];
        if (Template.IsJson(run.Get(_format)))
            JsonPrinter.Write(rows, CliJsonContext.Default.ListCheckpointInspection);
        else
            Table.Write(
                rows.Select(row => CheckpointCells.FromCheckpoint(row, run.Get(_noTrunc))),
                CliJsonContext.Default.CheckpointCells,
                run.Get(_format),
                run.Get(_noHeading));
        return Task.FromResult(0);
    }
}
