using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Reports;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Containers;

internal sealed class DiffCommand : MultiContainerVerb
{
    private readonly Option<string?> _format = OptionFactory.OneOf("--format", null, "FORMAT", "Another format than lines", ["json"]);

    public DiffCommand() : base("diff", "Show which files a container changed") => AddOptions(_format);

    public override string Details => "A is for what was added, C for what was changed (folders in which something was, too), D for what was deleted, since the image.";

    public override Task<int> RunAsync(Invocation run) => run.ForEachAsync(Selected(run), container =>
    {
        var changes = run.Engine.Containers.Diff(container);
        if (run.Get(_format) is not null)
            Json.Write(DiffReport.FromChanges(changes), CliJson.Default.DiffReport);
        else
            StandardOutput.Text(string.Concat(changes.Select(change => $"{change.Kind.ToString()[0]} {Printable(change.Path)}\n")));
        return Task.CompletedTask;
    });

    // A name may hold what a terminal would obey.
    private static string Printable(string path) => string.Concat(path.Select(c => char.IsControl(c) ? '?' : c));
}
