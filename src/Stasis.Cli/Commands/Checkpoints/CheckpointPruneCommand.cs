using System.CommandLine;
using System.Globalization;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CheckpointPruneCommand : Verb
{
    private readonly Option<bool> _force = OptionFactory.Flag("--force", "-f", "Don't ask");
    private readonly Option<int?> _keep = OptionFactory.Create<int?>("--keep", null, "N", "The N that were used last stay, whatever the other limits say", text =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : throw new FormatException("it must be a number"));
    private readonly Option<TimeSpan?> _maxAge = OptionFactory.Create<TimeSpan?>("--max-age", null, "TIME", "Remove those that were not used for longer, e.g. 12h, 7d or 2w", text => ValueParsers.Age(text));
    private readonly Option<long?> _maxSize = OptionFactory.Create<long?>("--max-size", null, "SIZE", "Remove, of those that were not used for longest, as many as it takes to get the store down to it, e.g. 20g", text => ValueParsers.Size(text));

    public CheckpointPruneCommand() : base("prune", "Remove checkpoints that no container uses from the store") => AddOptions(_force, _keep, _maxAge, _maxSize);

    public override string Details =>
        "Checkpoints that have a name, and those that containers use, always stay. Without a limit all others go.";

    public override IReadOnlyList<(string, string)> Examples =>
        [("stasis checkpoint prune --force --max-size 20g --max-age 30d --keep 3", "What a daily job may run: at most 20 GB, at most 30 days; but the last three stay.")];

    public override Task<int> RunAsync(Invocation run)
    {
        var limits = new StoreLimits { Keep = run.Get(_keep), MaxAge = run.Get(_maxAge), MaxSize = run.Get(_maxSize) };
        var checkpoints = run.Engine.Checkpoints;
        var beyond = checkpoints.FindPrunable(limits);
        if (!run.Get(_force) && beyond.Count > 0)
        {
            StandardOutput.Line("WARNING! These checkpoints will be removed:");
            foreach (var checkpoint in beyond)
                StandardOutput.Line($"{HumanFormat.Id(checkpoint.Id)} of {checkpoint.ContainerName}, last used {HumanFormat.Ago(checkpoint.Used)}, {HumanFormat.Size(checkpoints.SizeOf(checkpoint).Total)}");
            if (!ConfirmationPrompt.Ask())
                return Task.FromResult(0);
        }
        return run.ForEachAsync(beyond, checkpoint =>
        {
            try
            {
                checkpoints.Remove(checkpoint);
                StandardOutput.Line(checkpoint.Id);
            }
            catch (InUseException)
            {
                // A container has come to use it: then it isn't meant any more.
            }
            return Task.CompletedTask;
        });
    }
}
