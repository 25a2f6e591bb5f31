using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class StartCommand : PerContainerVerb
{
    private readonly Option<bool> _attach = OptionFactory.Flag("--attach", "-a", "Attach standard output and error, pass signals on, and exit with the container's exit code");
    private readonly Option<bool> _discardCheckpoint = OptionFactory.Flag("--discard-checkpoint", null, "Start it anew although it is checkpointed in place, and remove that checkpoint");
    private readonly Option<bool> _interactive = OptionFactory.Flag("--interactive", "-i", "Attach standard input, if the container was created with -i");

    public StartCommand() : base("start", "Start one or more containers", all: "Start all containers that don't run", allShort: null) => AddOptions(_attach, _discardCheckpoint, _interactive);

    public override string Details =>
        "A container that was checkpointed in place is not started: restore brings it back as it was, and --discard-checkpoint says that this is not wanted.";

    public override async Task<int> RunAsync(Invocation run)
    {
        if (!run.Get(_attach) && !run.Get(_interactive))
            return await base.RunAsync(run);
        return Selected(run) is [var container]
            ? await run.Engine.Containers.StartAttachedAsync(container, run.Get(_discardCheckpoint), CancellationToken.None)
            : throw new UsageException("you cannot start and attach multiple containers at once");
    }

    public override bool CanApplyTo(Container container) => !container.State.IsAlive;

    protected override Task ApplyAsync(Invocation run, string container) => run.Engine.Containers.StartAsync(container, run.Get(_discardCheckpoint), run.Cancellation);
}
