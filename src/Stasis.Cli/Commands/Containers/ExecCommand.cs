using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Containers;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class ExecCommand : Verb
{
    private readonly Option<bool> _detach = OptionFactory.Flag("--detach", "-d", "Return at once");
    private readonly Option<string[]> _env = OptionFactory.Many("--env", "-e", "KEY=VALUE", "Environment variable, on top of the container's");
    private readonly Option<bool> _interactive = OptionFactory.Flag("--interactive", "-i", "Pass standard input on");
    private readonly Option<bool> _latest = OptionFactory.Flag("--latest", "-l", "The container that was created last");
    private readonly Option<bool> _privileged = OptionFactory.Flag("--privileged", null, "Give it all capabilities");
    private readonly Option<bool> _tty = OptionFactory.Flag("--tty", "-t", "Give it a terminal");
    private readonly Option<string?> _user = OptionFactory.Text("--user", "-u", "USER[:GROUP]", "User and group, names or numbers");
    private readonly Option<string?> _workdir = OptionFactory.Text("--workdir", "-w", "DIR", "Working directory");
    private readonly Argument<string[]> _container;
    private readonly Argument<string[]> _command;

    public ExecCommand() : base("exec", "Run a command in a running container")
    {
        AddOptions(_detach, _env, _interactive, _latest, _privileged, _tty, _user, _workdir);
        _container = AddArgument("CONTAINER", ArgumentArity.ExactlyOne);
        _command = AddArgument("COMMAND", ArgumentArity.ZeroOrMore);
    }

    public override bool OptionsEndAtFirstArgument => true;

    public override string ExitCodes => "The exit code is the command's: 126 if it could not be run, 127 if it was not found, 125 if Stasis itself failed.";

    public override bool CanApplyTo(Container container) => container.State.Status == ContainerStatus.Running;

    public override Task<int> RunAsync(Invocation run)
    {
        string[] words = [.. run.Get(_container), .. run.Get(_command)]; // with --latest, the command begins at once
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
