using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Model;
using Stasis.Linux.Processes;

namespace Stasis.Cli.Commands.Containers;

internal sealed class KillCommand : PerContainerVerb
{
    private readonly Option<int> _signal = OptionFactory.Create(
        "--signal",
        "-s",
        "SIGNAL",
        "Signal to send, by name or number (default: KILL)",
        text =>
        Signals.Parse(text) ?? throw new FormatException("it must be the name of a signal such as TERM, or a number from 1 to 64"));

    public KillCommand() : base(
        "kill",
        "Kill one or more running containers with a specific signal",
        all: "Signal all running containers") => AddOptions(_signal);

    public override bool CanApplyTo(Container container) => container.State.IsAlive;

    protected override Task ApplyAsync(Invocation run, string container) =>
        run.Engine.Containers.KillAsync(container, run.Has(_signal) ? run.Get(_signal) : Signals.Kill, run.Cancellation);
}
