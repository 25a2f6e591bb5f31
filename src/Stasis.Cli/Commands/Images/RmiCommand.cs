using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Errors;

namespace Stasis.Cli.Commands.Images;

internal sealed class RmiCommand : Verb
{
    private readonly Option<bool> _all = OptionFactory.Flag("--all", "-a", "Remove all images");
    private readonly Option<bool> _force =
        OptionFactory.Flag("--force", "-f", "Remove containers that use the image too; ignore images that do not exist");
    private readonly Option<bool> _ignore = OptionFactory.Flag("--ignore", "-i", "Ignore images that do not exist");
    private readonly Argument<string[]> _images;

    public RmiCommand(string name) : base(name, "Remove one or more images")
    {
        AddOptions(_all, _force, _ignore);
        _images = AddArgument("IMAGE", ArgumentArity.ZeroOrMore);
    }

    public override string Details => "If an image has several names, only the given name is removed.";

    public override IReadOnlyList<(string, string)> ExitCodes =>
        [("1", "An image does not exist."), ("2", "A container uses an image, and --force was not given.")];

    public override string? HandlesEach => "images";

    public override Task<int> RunAsync(Invocation run)
    {
        var given = run.Get(_images);
        if (run.Get(_all) && given.Length > 0)
            throw new UsageException("when using the --all switch, you may not pass any images names or IDs");
        if (!run.Get(_all) && given.Length == 0)
            throw new UsageException("image name or ID must be specified");
        var images = run.Get(_all) ? [.. run.Engine.Images.List().Select(image => image.Id)] : given;
        return run.ForEachAsync(images, name => RemoveAsync(run, name), exception => exception switch
        {
            NotFoundException => 1,
            InUseException => 2,
            _ => null,
        });
    }

    private async Task RemoveAsync(Invocation run, string name)
    {
        var images = run.Engine.Images;
        if ((run.Get(_force) || run.Get(_ignore)) && images.Find(name) is null)
            return;
        var before = images.Get(name);
        try
        {
            await images.RemoveAsync(name, force: false, run.Cancellation);
        }
        catch (InUseException) when (run.Get(_force))
        {
            foreach (var user in run.Engine.Containers.List().Where(container => container.Config.RootfsImageId == before.Id))
                await run.Engine.Containers.RemoveAsync(user.Id, force: true, run.Cancellation);
            await images.RemoveAsync(name, force: true, run.Cancellation);
        }
        var after = images.Find(before.Id);
        foreach (var untagged in before.Names.Except(after?.Names ?? []))
            StandardOutput.Line($"Untagged: {untagged}");
        if (after is null)
            StandardOutput.Line($"Deleted: {before.Id}");
    }
}
