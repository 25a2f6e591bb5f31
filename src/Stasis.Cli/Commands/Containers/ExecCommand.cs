using System.CommandLine;
using Stasis.Cli.Output.HelpText;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Containers;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class ExecCommand : Verb
{
    private readonly Option<bool> _detach = OptionFactory.Flag("--detach", "-d", "Run the command in the background");
    private readonly Option<string[]> _env =
        OptionFactory.Many("--env", "-e", "KEY=VALUE", "Set an environment variable, in addition to those of the container");
    private readonly Option<bool> _interactive = OptionFactory.Flag("--interactive", "-i", "Pass standard input to the command");
    private readonly Option<bool> _latest = OptionFactory.Flag("--latest", "-l", "Act on the latest container Stasis created");
    private readonly Option<bool> _privileged = OptionFactory.Flag("--privileged", null, "Give the command all capabilities");
    private readonly Option<bool> _tty = OptionFactory.Flag("--tty", "-t", "Allocate a pseudo-terminal");
    private readonly Option<string?> _user = OptionFactory.Text("--user", "-u", "USER[:GROUP]", "User and group, as names or numbers");
    private readonly Option<string?> _workdir = OptionFactory.Text("--workdir", "-w", "DIR", "Working directory in the container");
    private readonly Argument<string[]> _container;
    private readonly Argument<string[]> _command;

    public ExecCommand() : base("exec", "Run a command in a running container")
    {
        AddOptions(_detach, _env, _interactive, _latest, _privileged, _tty, _user, _workdir);
        _container = AddArgument("CONTAINER", ArgumentArity.ExactlyOne);
        _command = AddArgument("COMMAND", ArgumentArity.ZeroOrMore);
    }

    public override bool OptionsEndAtFirstArgument => true;

    public override IReadOnlyList<(string, string)> ExitCodes =>
    [
        ("0", "The command exited with 0; with --detach, it was started."),
        ("126", "The command cannot be run."),
        ("127", "The command was not found."),
        (ExitStatus.Other, "The exit code of the command; 128+N if signal N killed it."),
    ];

    public override bool CanApplyTo(Container container) => container.State.Status == ContainerStatus.Running;

    public override Task<int> RunAsync(Invocation run)
    {
        string[] words = [.. run.Get(_container), .. run.Get(_command)]; // with --latest, all arguments are the command
        var (container, command) = run.Get(_latest) ? (run.Engine.Containers.Latest().Id, words) : (words[0], words[1..]);
        if (command.Length == 0)
            throw new UsageException("you must provide a command to run");
        return run.Engine.Containers.ExecAsync(container, new ExecOptions
        {
            Command = command,
            Detach = run.Get(_detach),
            Env = run.Get(_env),
            Interactive = run.Get(_interactive),
            Privileged = run.Get(_privileged),
            Tty = run.Get(_tty),
            User = run.Get(_user),
            WorkingDirectory = run.Get(_workdir),
        }, CancellationToken.None);
    }
}
