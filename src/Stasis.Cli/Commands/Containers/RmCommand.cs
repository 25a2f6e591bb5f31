using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Errors;

namespace Stasis.Cli.Commands.Containers;

internal sealed class RmCommand : PerContainerVerb
{
    private readonly Option<bool> _force =
        OptionFactory.Flag("--force", "-f", "Kill running containers; ignore containers that do not exist");
    private readonly Option<bool> _ignore = OptionFactory.Flag("--ignore", "-i", "Ignore containers that do not exist");
    private readonly Option<TimeSpan?> _time = OptionFactory
        .Create(
            "--time",
            "-t",
            "SECONDS",
            "With --force: seconds to wait for it to stop before it is killed (default: 0)",
            ValueParsers.Seconds)
        .WithAliases("--timeout");

    private readonly Option<bool> _volumes = OptionFactory.Flag("--volumes", "-v", "Has no effect: anonymous volumes are always removed");
    private readonly HashSet<string> _checkpoints = []; // that the removed containers used

    public RmCommand() : base("rm", "Remove one or more containers", all: "Remove all containers") =>
        AddOptions(_force, _ignore, _time, _volumes);

    public override string Details => "Anonymous volumes that were created for the container are removed with it. Checkpoints in the "
        + "store that no container uses any more stay there; a line on standard error says how to free them.";

    public override IReadOnlyList<(string, string)> ExitCodes =>
        [("1", "A container does not exist."), ("2", "A container is running or paused, and --force was not given.")];

    public override async Task<int> RunAsync(Invocation run)
    {
        if (run.Has(_time) && !run.Get(_force))
            throw new UsageException("--force option must be specified to use the --time option");
        var code = await base.RunAsync(run);
        TellUnused(run);
        return code;
    }

    protected override async Task ApplyAsync(Invocation run, string container)
    {
        try
        {
            if (run.Get(_time) is { } time && time != TimeSpan.Zero && run.Engine.Containers.Get(container).State.IsAlive)
                await run.Engine.Containers.StopAsync(container, time, run.Cancellation);
            var used = run.Engine.Containers.Get(container);
            await run.Engine.Containers.RemoveAsync(container, run.Get(_force), run.Cancellation);
            _checkpoints.UnionWith(((string?[])[used.Checkpoint, used.State.CheckpointId]).OfType<string>());
        }
        catch (NotFoundException) when (run.Get(_force) || run.Get(_ignore))
        {
            // Does not exist: nothing to remove.
        }
    }

    private void TellUnused(Invocation run)
    {
        if (_checkpoints.Count == 0)
            return;
        var store = run.Engine.Checkpoints;
        var unused = store.List().Where(checkpoint => _checkpoints.Contains(checkpoint.Id)
            && checkpoint.Tags.Count == 0 && store.UsersOf(checkpoint).Count == 0).ToList();
        var size = HumanFormat.Size(unused.Sum(checkpoint => store.SizeOf(checkpoint).Total));
        if (unused is [var only])
        {
            var id = HumanFormat.Id(only.Id);
            StandardError.Line($"checkpoint {id} ({size}) is used by no container any more; to free it: stasis checkpoint rm {id}");
        }
        else if (unused.Count > 0)
        {
            StandardError.Line(
                $"{unused.Count} checkpoints ({size}) are used by no container any more; to free them: stasis checkpoint prune");
        }
    }

    // As in podman-rm(1), EXIT STATUS.
    protected override int? ExitCode(Exception exception) => exception switch
    {
        NotFoundException => 1,
        InvalidStateException => 2,
        _ => null,
    };
}
