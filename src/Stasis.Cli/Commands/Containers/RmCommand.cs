using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Errors;

namespace Stasis.Cli.Commands.Containers;

internal sealed class RmCommand : PerContainerVerb
{
    private readonly Option<bool> _force = OptionFactory.Flag("--force", "-f", "Kill it if it runs; a container that isn't there is no error");
    private readonly Option<bool> _ignore = OptionFactory.Flag("--ignore", "-i", "A container that isn't there is no error");
    private readonly Option<TimeSpan?> _time = OptionFactory.Create("--time", "-t", "SECONDS", "With --force: how long it may take to stop before it is killed (0)", ValueParsers.Seconds).Also("--timeout");

    public RmCommand() : base("rm", "Remove one or more containers", all: "Remove all containers") => AddOptions(_force, _ignore, _time);

    public override string Details => "The volumes that were made for the container without a name go with it.";

    public override string ExitCodes => "The exit code is 1 if a container was not there, 2 if one runs and --force was not given.";

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
            // Asked for: it isn't there, and that is all that was wanted.
        }
    }

    // podman-rm(1), exit status.
    protected override int? ExitCode(Exception exception) => exception switch
    {
        NotFoundException => 1,
        InvalidStateException => 2,
        _ => null,
    };
}
