using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Errors;

namespace Stasis.Cli.Commands.Volumes;

internal sealed class VolumeRmCommand : Verb
{
    private readonly Option<bool> _all = OptionFactory.Flag("--all", "-a", "Remove all volumes");
    private readonly Option<bool> _force =
        OptionFactory.Flag("--force", "-f", "Remove containers that use the volume too; ignore volumes that do not exist");
    private readonly Argument<string[]> _names;

    public VolumeRmCommand() : base("rm", "Remove one or more volumes")
    {
        AddOptions(_all, _force);
        _names = AddArgument("VOLUME", ArgumentArity.ZeroOrMore);
    }

    public override IReadOnlyList<(string, string)> ExitCodes =>
        [("1", "A volume does not exist."), ("2", "A container uses a volume, and --force was not given.")];

    public override string? HandlesEach => "volumes";

    public override Task<int> RunAsync(Invocation run)
    {
        var names = run.Get(_names);
        if (run.Get(_all) == names.Length > 0)
            throw new UsageException("choose either one or more volumes or all");
        return run.ForEachAsync(
            run.Get(_all) ? run.Engine.Volumes.List().Select(volume => volume.Name) : names,
            name => RemoveAsync(run, name),
            exception => exception switch
        {
            NotFoundException => 1,
            InUseException => 2,
            _ => null,
        });
    }

    private async Task RemoveAsync(Invocation run, string given)
    {
        var volumes = run.Engine.Volumes;
        if (volumes.Find(given) is null && run.Get(_force))
            return;
        var name = volumes.Get(given).Name;
        foreach (var user in run.Get(_force) ? volumes.UsersOf(name) : [])
            await run.Engine.Containers.RemoveAsync(user, force: true, run.Cancellation);
        // An anonymous volume is removed with its last container.
        if (volumes.Exists(name) || !run.Get(_force))
            volumes.Remove(name);
        StandardOutput.Line(given);
    }
}
