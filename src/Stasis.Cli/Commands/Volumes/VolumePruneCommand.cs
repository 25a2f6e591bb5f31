using System.CommandLine;
using Stasis.Cli.Filters;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Errors;
using Stasis.Engine.Volumes;

namespace Stasis.Cli.Commands.Volumes;

internal sealed class VolumePruneCommand : Verb
{
    private readonly Option<string[]> _filter = OptionFactory.Many("--filter", null, "KEY=VALUE", "Filter by: " + VolumeFilters.Keys);
    private readonly Option<bool> _force = OptionFactory.Flag("--force", "-f", "Do not prompt for confirmation");

    public VolumePruneCommand() : base("prune", "Remove all unused volumes") => AddOptions(_filter, _force);

    public override string? HandlesEach => "volumes";

    public override Task<int> RunAsync(Invocation run)
    {
        var volumes = run.Engine.Volumes;
        var filters = VolumeFilters.Parse(run.Get(_filter), volumes);
        var unused = volumes.List().Where(volume => volumes.UsersOf(volume.Name).Count == 0 && filters.Match(volume)).ToList();
        if (!run.Get(_force) && !IsConfirmed(unused))
            return Task.FromResult(0);
        return run.ForEachAsync(unused.Select(volume => volume.Name), name =>
        {
            try
            {
                volumes.Remove(name);
                StandardOutput.Line(name);
            }
            catch (Exception exception) when (exception is NotFoundException or InUseException)
            {
                // Removed concurrently, or a container uses it by now: skip.
            }
            return Task.CompletedTask;
        });
    }

    private static bool IsConfirmed(List<Volume> unused)
    {
        if (unused.Count == 0)
        {
            StandardOutput.Line("No dangling volumes found");
            return false;
        }
        StandardOutput.Line(
            "WARNING! This will remove all volumes not used by at least one container. The following volumes will be removed:");
        unused.ForEach(volume => StandardOutput.Line(volume.Name));
        return ConfirmationPrompt.Ask();
    }
}
