using System.CommandLine;
using Stasis.Cli.Filters;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class ContainerPruneCommand : Verb
{
    private readonly Option<string[]> _filter =
        OptionFactory.Many("--filter", null, "KEY=VALUE", "Filter by: " + ContainerFilters.PruneKeys);
    private readonly Option<bool> _force = OptionFactory.Flag("--force", "-f", "Do not prompt for confirmation");

    public ContainerPruneCommand() : base("prune", "Remove all non running containers") => AddOptions(_filter, _force);

    public override string Details =>
        "A container that was checkpointed in place is kept, as its checkpoint would be lost. stasis rm removes it.";

    public override string? HandlesEach => "containers";

    public override Task<int> RunAsync(Invocation run)
    {
        var filters = ContainerFilters.ParsePrune(run.Get(_filter));
        if (!run.Get(_force) && !IsConfirmed())
            return Task.FromResult(0);
        var ended = run.Engine.Containers.List().Where(container => IsOver(container) && filters.Match(container));
        return run.ForEachAsync(ended.Select(container => container.Id), async id =>
        {
            try
            {
                await run.Engine.Containers.RemoveAsync(id, force: false, run.Cancellation);
                StandardOutput.Line(id);
            }
            catch (Exception exception) when (exception is NotFoundException or InvalidStateException)
            {
                // Removed or started concurrently: skip.
            }
        });
    }

    private static bool IsOver(Container container) =>
        container.State is { Status: ContainerStatus.Created or ContainerStatus.Exited, Checkpointed: false };

    private static bool IsConfirmed()
    {
        StandardOutput.Line("WARNING! This will remove all non running containers.");
        return ConfirmationPrompt.Ask();
    }
}
