using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Output.HelpText;
using Stasis.Cli.Parsing;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class RunCommand : ContainerCreationVerb
{
    private readonly Option<bool> _detach = OptionFactory.Flag("--detach", "-d", "Run the container in the background and print its ID");

    public RunCommand() : base("run", "Run a command in a new container") => AddOptions(_detach);

    public override string Details =>
        "In the foreground, standard output and error, and with -i standard input, are connected to the container, signals are proxied " +
        "to it, and the exit code is that of the command.";

    public override IReadOnlyList<(string, string)> ExitCodes =>
    [
        ("0", "The command exited with 0; with --detach, the container was started."),
        ("126", "The command cannot be run."),
        ("127", "The command was not found."),
        (ExitStatus.Other, "The exit code of the command; 128+N if signal N killed it."),
    ];

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis run -d --name counter localhost/counter", "Start a container in the background."),
        ("stasis run --rm -it localhost/busybox sh", "Run a shell in a container that is removed afterwards."),
    ];

    public override async Task<int> RunAsync(Invocation run)
    {
        var container = await CreateAsync(run, startsNext: true);
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
        // The exit command that conmon runs removes it too, but maybe later; the caller expects it to be gone now.
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
            // Removed concurrently by the exit command.
        }
    }

    private static bool IsAlive(Invocation run, string id) =>
        run.Engine.Containers.List().Any(container => container.Id == id && container.State.IsAlive);
}
