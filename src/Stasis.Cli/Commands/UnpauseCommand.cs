using Stasis.Engine.Containers;

namespace Stasis.Cli.Commands;

internal sealed class UnpauseCommand() : EachContainerVerb("unpause", "Let paused containers go on", all: "Unpause all paused containers")
{
    public override bool Suits(Container container) => container.State.Status == ContainerStatus.Paused;

    protected override Task DoAsync(Invocation run, string container) => run.Engine.Containers.UnpauseAsync(container, run.Cancellation);
}
