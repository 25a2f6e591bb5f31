using Stasis.Cli.Output;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Containers;

internal sealed class WaitCommand() : MultiContainerVerb("wait", "Wait for containers to exit, and print their exit codes")
{
    public override Task<int> RunAsync(Invocation run) => run.ForEachAsync(Selected(run), async container =>
        StandardOutput.Line($"{await run.Engine.Containers.WaitAsync(container, CancellationToken.None)}"));
}
