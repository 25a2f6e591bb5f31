using System.CommandLine;
using Stasis.Cli.Output.HelpText;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class StartCommand : PerContainerVerb
{
    private readonly Option<bool> _attach = OptionFactory.Flag("--attach", "-a", "Attach standard output and error, and proxy signals");
    private readonly Option<bool> _discardCheckpoint =
        OptionFactory.Flag("--discard-checkpoint", null, "Start a container that is checkpointed in place, and remove the checkpoint");
    private readonly Option<bool> _interactive =
        OptionFactory.Flag("--interactive", "-i", "Attach standard input too, if the container was created with -i");

    public StartCommand() : base(
        "start",
        "Start one or more containers",
        all: "Start all containers that are not running",
        allShort: null) => AddOptions(_attach, _discardCheckpoint, _interactive);

    public override string Details =>
        "A container that was checkpointed in place is not started: use stasis restore, or --discard-checkpoint to start it without its " +
        "checkpoint.";

    public override IReadOnlyList<(string, string)> ExitCodes =>
    [
        ("0", "The containers were started; with --attach or --interactive, the container exited with 0."),
        ("126", "The command of a container cannot be run."),
        ("127", "The command of a container was not found."),
        (ExitStatus.Other, "With --attach or --interactive, the exit code of the container; 128+N if signal N killed it."),
    ];

    public override async Task<int> RunAsync(Invocation run)
    {
        if (!run.Get(_attach) && !run.Get(_interactive))
            return await base.RunAsync(run);
        return Selected(run) is [var container]
            ? await run.Engine.Containers.StartAttachedAsync(container, run.Get(_discardCheckpoint), CancellationToken.None)
            : throw new UsageException("you cannot start and attach multiple containers at once");
    }

    public override bool CanApplyTo(Container container) => !container.State.IsAlive;

    protected override Task ApplyAsync(Invocation run, string container) =>
        run.Engine.Containers.StartAsync(container, run.Get(_discardCheckpoint), run.Cancellation);
}
