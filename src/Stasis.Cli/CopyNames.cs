using System.CommandLine;
using System.Globalization;
using Stasis.Engine;
using Stasis.Engine.Checkpoints;

namespace Stasis.Cli;

/// <summary>The options that say which copies to make: the same for clone and restore.</summary>
internal sealed class CopyNames
{
    private const string Number = "{n}";

    public Option<string[]> Name { get; } = Opt.Many("--name", "-n", "NAME", "Name of the copy, which gets a new ID too; given several times, several copies are made at once");
    public Option<long?> Replicas { get; } = Opt.Of<long?>("--replicas", null, "N", "Make N copies, named after --name-template", text => Values.Integer(text));
    public Option<string?> Template { get; } = Opt.Text("--name-template", null, "TEMPLATE", "Names of copies, with {n} for the copy's number: web-{n}");
    public Option<bool> KeepGoing { get; } = Opt.Flag("--keep-going", null, "When a copy fails, make the others; without it, all copies are undone");

    public Option[] All => [KeepGoing, Name, Template, Replicas];

    /// <summary>The names; of numbered ones those that are free.</summary>
    /// <param name="run">What was given.</param>
    /// <param name="original">Name of what they are copies of, if that is known.</param>
    public IReadOnlyList<string> Read(Invocation run, string? original)
    {
        var names = run.Get(Name);
        if (!run.Has(Replicas) && !run.Has(Template))
            return names;
        if (names.Length > 0)
            throw new UsageException("--name cannot be used with --replicas and --name-template");
        var count = run.Get(Replicas) ?? 1;
        if (count is < 1 or > 10_000)
            throw new UsageException($"--replicas {count}: it must be from 1 to 10000");
        var template = run.Get(Template) ?? (original is not null ? $"{original}-{Number}" : throw new UsageException("--replicas needs --name-template"));
        if (!template.Contains(Number, StringComparison.Ordinal))
            throw new UsageException($"--name-template {template}: it must have {Number} in it");
        return Numbered(template).Where(name => !run.Engine.Containers.Exists(name)).Take((int)count).ToList();
    }

    private static IEnumerable<string> Numbered(string template)
    {
        for (var number = 1; ; number++)
            yield return template.Replace(Number, number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }
}

/// <summary>What is to happen in a copy as soon as it runs, and what its identity file says: the same for clone and restore.</summary>
internal sealed class CopyAfterwards
{
    private readonly Option<string[]> _env = Opt.Many("--env", null, "KEY=VALUE", "Value for the copy's /run/.stasis/identity.json; the environment of processes that run can't be changed");
    private readonly Option<string?> _exec = Opt.Text("--exec", null, "COMMAND", "Command that sh runs in the copy as soon as that runs; if it fails, the copy has failed");
    private readonly Option<string?> _signal = Opt.Text("--signal", null, "SIGNAL", "Signal that the copy's first process gets as soon as it runs");

    public Option[] All => [_env, _exec, _signal];

    public RestoreOptions Apply(Invocation run, RestoreOptions options) => options with
    {
        Env = Values.Pairs(run.Get(_env)),
        Exec = run.Get(_exec),
        Signal = run.Get(_signal) is not { } signal ? null : Linux.Signals.Parse(signal) ?? throw new StasisException($"invalid signal: {signal}"),
    };
}
