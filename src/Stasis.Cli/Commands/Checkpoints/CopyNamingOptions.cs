using System.CommandLine;
using Stasis.Cli.Output.Tables;
using Stasis.Cli.Parsing;
using Stasis.Engine.Checkpoints;

namespace Stasis.Cli.Commands.Checkpoints;

/// <summary>The options of <c>clone</c> and <c>restore</c> that name copies.</summary>
internal sealed class CopyNamingOptions
{
    private const string Number = "{n}";

    public Option<string[]> Name { get; } =
        OptionFactory.Many("--name", "-n", "NAME", "Name of the copy, which gets a new ID; repeat it to make several copies at once");
    public Option<long?> Replicas { get; } = OptionFactory.Create<long?>(
        "--replicas",
        null,
        "N",
        "Make N copies, named after --name-template",
        text => ValueParsers.Integer(text));
    public Option<string?> Template { get; } = OptionFactory.Text(
        "--name-template",
        null,
        "TEMPLATE",
        "Names of copies: {n} is a number, {name} the name of the original (default: {name}-{n}); taken names are skipped");
    public Option<bool> KeepGoing { get; } =
        OptionFactory.Flag("--keep-going", null, "If a copy fails, keep the others; otherwise all copies are undone");

    public Option[] All => [KeepGoing, Name, Template, Replicas];

    /// <summary>How many names or replicas are asked for; 0 if none. A single <c>--name</c> counts as 1.</summary>
    /// <exception cref="UsageException">The options contradict each other, or a value is out of range.</exception>
    public int Count(Invocation run)
    {
        var names = run.Get(Name);
        if (!run.Has(Replicas) && !run.Has(Template))
            return names.Length;
        if (names.Length > 0)
            throw new UsageException("--name cannot be used with --replicas or --name-template");
        var count = run.Get(Replicas) ?? 1;
        if (count is < 1 or > 10_000)
            throw new UsageException($"--replicas {count}: it must be from 1 to 10000");
        if (run.Get(Template) is { } template && !template.Contains(Number, StringComparison.Ordinal))
            throw new UsageException($"--name-template {template}: it must contain {Number}");
        return (int)count;
    }

    /// <summary>Whether copies are made. One <c>--name</c> alone makes none: it renames the container that is restored.</summary>
    public bool MakesCopies(Invocation run) => Count(run) is > 0 and var count && (count > 1 || !run.Has(Name));

    /// <summary>Options for the engine.</summary>
    /// <param name="run">The command line.</param>
    /// <param name="restore">Options of the restore, the same for all copies.</param>
    /// <param name="table">Is told the names of the copies.</param>
    public CopiesOptions Copies(Invocation run, RestoreOptions restore, CopiesTable table)
    {
        var copies = new CopiesOptions
        {
            Names = run.Get(Name),
            Replicas = Count(run),
            Restore = restore,
            KeepGoing = run.Get(KeepGoing),
            OnNamesChosen = table.SetNames,
        };
        return run.Get(Template) is { } template ? copies with { Template = template } : copies;
    }
}
