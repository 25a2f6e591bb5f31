using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class RunCommand : ContainerCreationVerb
{
    private readonly Option<bool> _detach = OptionFactory.Flag("--detach", "-d", "Run it in the background and print its ID");

    public RunCommand() : base("run", "Create a container of an image and run a command in it") => AddOptions(_detach);

    public override string Details =>
        "In the foreground, standard input (with -i), output and error are the container's, signals are passed on to it, and the exit code is the command's: " +
        "126 if it could not be run, 127 if it was not found, 125 if Stasis itself failed.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis run -d --name counter localhost/counter", "Start a container in the background."),
        ("stasis run --rm -it localhost/busybox sh", "Use a shell in a container that is gone afterwards."),
    ];

    public override async Task<int> RunAsync(Invocation run)
    {
        var container = await CreateAsync(run);
        try
        {
            if (!run.Get(_detach))
                return await AttachedAsync(run, container);
            await run.Engine.Containers.StartAsync(container.Id, run.Cancellation);
        }
        catch when (container.AutoRemove && !IsAlive(run, container.Id))
        {
            await RemoveAsync(run, container);
            throw;
        }
        StandardOutput.Line(container.Id);
        return 0;
    }

    private static async Task<int> AttachedAsync(Invocation run, Container container)
    {
        run.ReleaseSignals();
        var exitCode = await run.Engine.Containers.StartAttachedAsync(container.Id, discardCheckpoint: false, CancellationToken.None);
        // conmon's exit command removes it too, but whoever ran this may count on its being gone now.
        if (container.AutoRemove && !IsAlive(run, container.Id))
            await RemoveAsync(run, container);
        return exitCode;
    }

    private static async Task RemoveAsync(Invocation run, Container container)
    {
        try
        {
            await run.Engine.Containers.RemoveAsync(container.Id, force: true, CancellationToken.None);
        }
        catch (NotFoundException)
        {
            // The exit command was faster.
        }
    }

    private static bool IsAlive(Invocation run, string id) =>
        run.Engine.Containers.List().Any(container => container.Id == id && container.State.IsAlive);
}
