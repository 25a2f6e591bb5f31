using System.CommandLine;
using Stasis.Cli.Output.Tables;
using Stasis.Cli.Parsing;
using Stasis.Engine.Checkpoints;

namespace Stasis.Cli.Commands.Checkpoints;

/// <summary>The options that say which copies to make: the same for clone and restore.</summary>
internal sealed class CopyNamingOptions
{
    private const string Number = "{n}";

    public Option<string[]> Name { get; } = OptionFactory.Many("--name", "-n", "NAME", "Name of the copy, which gets a new ID too; given several times, several copies are made at once");
    public Option<long?> Replicas { get; } = OptionFactory.Create<long?>("--replicas", null, "N", "Make N copies, named after --name-template", text => ValueParsers.Integer(text));
    public Option<string?> Template { get; } = OptionFactory.Text("--name-template", null, "TEMPLATE", "Names of copies, with {n} for a number and {name} for the original's name ({name}-{n}); numbers whose names are taken are skipped");
    public Option<bool> KeepGoing { get; } = OptionFactory.Flag("--keep-going", null, "When a copy fails, make the others; without it, all copies are undone");

    public Option[] All => [KeepGoing, Name, Template, Replicas];

    /// <summary>How many copies are asked for; 0 if none is.</summary>
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
            throw new UsageException($"--name-template {template}: it must have {Number} in it");
        return (int)count;
    }

    /// <summary>The copies that are asked for.</summary>
    /// <param name="run">What was given.</param>
    /// <param name="restore">What holds for all.</param>
    /// <param name="table">Told of them.</param>
    public CopiesOptions Copies(Invocation run, RestoreOptions restore, CopiesTable table)
    {
        var copies = new CopiesOptions { Names = run.Get(Name), Replicas = Count(run), Restore = restore, KeepGoing = run.Get(KeepGoing), Named = table.Take };
        return run.Get(Template) is { } template ? copies with { Template = template } : copies;
    }
}
