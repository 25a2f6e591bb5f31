using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class StopCommand : PerContainerVerb
{
    private readonly Option<TimeSpan?> _time = OptionFactory
        .Create(
            "--time",
            "-t",
            "SECONDS",
            "Seconds to wait for it to stop before it is killed; -1 for no limit (default: that of the container, 10)",
            ValueParsers.Seconds)
        .WithAliases("--timeout");

    public StopCommand() : base("stop", "Stop one or more containers", all: "Stop all running containers") => AddOptions(_time);

    public override string Details => "Sends the stop signal of the container (default: SIGTERM), and SIGKILL after the timeout.";

    public override bool CanApplyTo(Container container) => container.State.IsAlive;

    protected override Task ApplyAsync(Invocation run, string container) =>
        run.Engine.Containers.StopAsync(container, run.Get(_time), run.Cancellation);
}
