using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Containers;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class AttachCommand : MultiContainerVerb
{
    private readonly Option<string?> _detachKeys = OptionFactory.Text("--detach-keys", null, "KEYS", "Keys that end the attachment at a terminal (ctrl-p,ctrl-q); an empty text for none");
    private readonly Option<bool> _noStdin = OptionFactory.Flag("--no-stdin", null, "Don't pass standard input on");
    private readonly Option<bool> _sigProxy = OptionFactory.Flag("--sig-proxy", null, "Pass signals on, unless it has a terminal; --sig-proxy=false doesn't");

    public AttachCommand() : base("attach", "Attach to the standard input, output and error of a running container") => AddOptions(_detachKeys, _noStdin, _sigProxy);

    public override string Details =>
        "What the container printed before is not shown: stasis logs has it. Ended by the detach keys, the container runs on. KEYS are characters or ctrl-LETTER, with commas between.";

    public override string ExitCodes => "The exit code is the container's; 0 if it was detached from.";

    public override bool CanApplyTo(Container container) => container.State.Status == ContainerStatus.Running;

    public override Task<int> RunAsync(Invocation run)
    {
        if (Selected(run) is not [var container])
            throw new UsageException("attach requires the name or id of one running container");
        var defaults = new AttachOptions();
        return run.Engine.Containers.AttachAsync(container, defaults with
        {
            DetachKeys = run.Get(_detachKeys) ?? defaults.DetachKeys,
            NoStdin = run.Get(_noStdin),
            SignalProxy = !run.Has(_sigProxy) || run.Get(_sigProxy),
        }, CancellationToken.None);
    }
}
