using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Reports;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Linux.Processes;

namespace Stasis.Cli.Commands.Containers;

internal sealed class DiffCommand : MultiContainerVerb
{
    private readonly Option<string?> _format = OptionFactory.OneOf("--format", null, "FORMAT", "Print JSON instead of lines", ["json"]);

    public DiffCommand() : base("diff", "Inspect changes to the file system of a container") => AddOptions(_format);

    public override string Details =>
        "Compares with the image: A is added, C is changed (also a folder in which something changed), D is deleted.";

    public override Task<int> RunAsync(Invocation run) => run.ForEachAsync(Selected(run), container =>
    {
        var changes = run.Engine.Containers.Diff(container);
        if (run.Get(_format) is not null)
            JsonPrinter.Write(DiffReport.FromChanges(changes), CliJsonContext.Default.DiffReport);
        else
            StandardOutput.Text(string.Concat(changes.Select(change => $"{change.Kind.ToString()[0]} {Printable(change.Path)}\n")));
        return Task.CompletedTask;
    });

    // File names may contain control sequences for the terminal.
    private static string Printable(string path) => TerminalText.Escape(path);
}
