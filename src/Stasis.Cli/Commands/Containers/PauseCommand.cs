using Stasis.Cli.Verbs;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class PauseCommand() : PerContainerVerb(
    "pause",
    "Pause the processes of one or more containers",
    all: "Pause all running containers")
{
    public override bool CanApplyTo(Container container) => container.State.Status == ContainerStatus.Running;

    protected override Task ApplyAsync(Invocation run, string container) => run.Engine.Containers.PauseAsync(container, run.Cancellation);
}
