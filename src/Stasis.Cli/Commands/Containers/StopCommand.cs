using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class StopCommand : PerContainerVerb
{
    private readonly Option<TimeSpan?> _time = OptionFactory.Create("--time", "-t", "SECONDS", "How long it may take before it is killed; -1 for ever (the container's own: 10)", ValueParsers.Seconds).Also("--timeout");

    public StopCommand() : base("stop", "Stop one or more containers", all: "Stop all running containers") => AddOptions(_time);

    public override string Details => "Sends the container's stop signal (SIGTERM, unless --stop-signal or the image says otherwise), and SIGKILL when the time is over.";

    public override bool CanApplyTo(Container container) => container.State.IsAlive;

    protected override Task ApplyAsync(Invocation run, string container) => run.Engine.Containers.StopAsync(container, run.Get(_time), run.Cancellation);
}
