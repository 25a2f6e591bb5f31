using Stasis.Cli.Verbs;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class UnpauseCommand() : PerContainerVerb(
    "unpause",
    "Unpause the processes of one or more containers",
    all: "Unpause all paused containers")
{
    public override bool CanApplyTo(Container container) => container.State.Status == ContainerStatus.Paused;

    protected override Task ApplyAsync(Invocation run, string container) => run.Engine.Containers.UnpauseAsync(container, run.Cancellation);
}
