using Stasis.Cli.Output;

namespace Stasis.Cli.Commands;

internal sealed class WaitCommand() : ContainersVerb("wait", "Wait until containers end, and print their exit codes")
{
    public override Task<int> RunAsync(Invocation run) => run.ForEachAsync(Selected(run), async container =>
        StandardOutput.Line($"{await run.Engine.Containers.WaitAsync(container, CancellationToken.None)}"));
}
