using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Inspect;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CheckpointInspectCommand : Verb
{
    private readonly Option<string?> _format = OptionFactory.Text("--format", "-f", "FORMAT", "json, or a template such as {{.Users}}");
    private readonly Argument<string[]> _names;

    public CheckpointInspectCommand() : base("inspect", "Display the configuration of checkpoints in the store, as JSON")
    {
        AddOptions(_format);
        _names = AddArgument("CHECKPOINT", ArgumentArity.OneOrMore);
    }

    public override string? HandlesEach => "checkpoints";

    public override async Task<int> RunAsync(Invocation run)
    {
        var checkpoints = run.Engine.Checkpoints;
        var found = new InspectOutput(run.Get(_format));
        var exit = await run.ForEachAsync(run.Get(_names), name =>
        {
            found.Add(CheckpointInspection.FromCheckpoint(checkpoints.Get(name), checkpoints), CliJsonContext.Default.CheckpointInspection);
            return Task.CompletedTask;
        });
        found.Write();
        return exit;
    }
}
