using System.CommandLine;
using System.Globalization;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;

namespace Stasis.Cli.Commands.Checkpoints;

internal sealed class CheckpointPruneCommand : Verb
{
    private readonly Option<bool> _force = OptionFactory.Flag("--force", "-f", "Do not prompt for confirmation");
    private readonly Option<int?> _keep = OptionFactory.Create<int?>(
        "--keep",
        null,
        "N",
        "Keep the N last used, whatever the other limits say",
        text =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new FormatException("it must be a number"));
    private readonly Option<TimeSpan?> _maxAge = OptionFactory.Create<TimeSpan?>(
        "--max-age",
        null,
        "TIME",
        "Remove checkpoints not used for this long, such as 12h, 7d or 2w",
        text => ValueParsers.Age(text));
    private readonly Option<long?> _maxSize = OptionFactory.Create<long?>(
        "--max-size",
        null,
        "SIZE",
        "Remove the least recently used until the store takes at most SIZE, such as 20g",
        text => ValueParsers.Size(text));

    public CheckpointPruneCommand() : base("prune", "Remove unused checkpoints from the store") =>
        AddOptions(_force, _keep, _maxAge, _maxSize);

    public override string Details =>
        "Checkpoints with a name, and those that a container uses, are kept. Without a limit, all others are removed.";

    public override string? HandlesEach => "checkpoints";

    public override IReadOnlyList<(string, string)> Examples =>
        [
            ("stasis checkpoint prune --force --max-size 20g --max-age 30d --keep 3",
                "Daily cleanup: keep at most 20 GB, nothing unused for 30 days, but always the last three."),
        ];

    public override Task<int> RunAsync(Invocation run)
    {
        var limits = new StoreLimits { Keep = run.Get(_keep), MaxAge = run.Get(_maxAge), MaxSize = run.Get(_maxSize) };
        var checkpoints = run.Engine.Checkpoints;
        var beyond = checkpoints.FindPrunable(limits);
        if (!run.Get(_force) && beyond.Count > 0)
        {
            StandardOutput.Line("WARNING! These checkpoints will be removed:");
            foreach (var checkpoint in beyond)
            {
                var size = HumanFormat.Size(checkpoints.SizeOf(checkpoint).Total);
                StandardOutput.Line(
                    $"{HumanFormat.Id(checkpoint.Id)} of {checkpoint.ContainerName}, last used {HumanFormat.Ago(checkpoint.Used)}, {size}");
            }
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
                // A container uses it by now: skip.
            }
            return Task.CompletedTask;
        });
    }
}
