using System.CommandLine;
using Stasis.Cli.Filters;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Errors;

namespace Stasis.Cli.Commands.Images;

internal sealed class ImagePruneCommand : Verb
{
    private readonly Option<bool> _all = OptionFactory.Flag("--all", "-a", "Remove all unused images, not just those without a name");
    private readonly Option<string[]> _filter = OptionFactory.Many("--filter", null, "KEY=VALUE", "Filter by: " + ImageFilters.Keys);
    private readonly Option<bool> _force = OptionFactory.Flag("--force", "-f", "Do not prompt for confirmation");

    public ImagePruneCommand() : base("prune", "Remove unused images") => AddOptions(_all, _filter, _force);

    public override string Details => "Removes images that have no name and that no container uses.";

    public override string? HandlesEach => "images";

    public override Task<int> RunAsync(Invocation run)
    {
        var filters = ImageFilters.Parse(run.Get(_filter), run.Engine);
        if (!run.Get(_force) && !IsConfirmed(run.Get(_all)))
            return Task.FromResult(0);
        var used = run.Engine.Containers.List().Select(container => container.Config.RootfsImageId).ToHashSet();
        var unused = run.Engine.Images.List()
            .Where(image => (image.Names.Count == 0 || run.Get(_all)) && !used.Contains(image.Id) && filters.Match(image));
        return run.ForEachAsync(unused.Select(image => image.Id).ToList(), async id =>
        {
            try
            {
                await run.Engine.Images.RemoveAsync(id, force: false, run.Cancellation);
                StandardOutput.Line(id);
            }
            catch (Exception exception) when (exception is NotFoundException or InUseException)
            {
                // Removed concurrently, or a container uses it by now: skip.
            }
        });
    }

    private static bool IsConfirmed(bool all)
    {
        StandardOutput.Line(
            all
                ? "WARNING! This command removes all images without at least one container associated with them."
                : "WARNING! This command removes all dangling images.");
        return ConfirmationPrompt.Ask();
    }
}
