using System.CommandLine;
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

    public RmCommand() : base("rm", "Remove one or more containers", all: "Remove all containers") => AddOptions(_force, _ignore, _time);

    public override string Details => "Anonymous volumes that were created for the container are removed with it.";

    public override IReadOnlyList<(string, string)> ExitCodes =>
        [("1", "A container does not exist."), ("2", "A container is running or paused, and --force was not given.")];

    public override Task<int> RunAsync(Invocation run) => run.Has(_time) && !run.Get(_force)
        ? throw new UsageException("--force option must be specified to use the --time option")
        : base.RunAsync(run);

    protected override async Task ApplyAsync(Invocation run, string container)
    {
        try
        {
            if (run.Get(_time) is { } time && time != TimeSpan.Zero && run.Engine.Containers.Get(container).State.IsAlive)
                await run.Engine.Containers.StopAsync(container, time, run.Cancellation);
            await run.Engine.Containers.RemoveAsync(container, run.Get(_force), run.Cancellation);
        }
        catch (NotFoundException) when (run.Get(_force) || run.Get(_ignore))
        {
            // Does not exist: nothing to remove.
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
