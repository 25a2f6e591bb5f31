using System.CommandLine;
using Stasis.Cli.Output.HelpText;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Containers.Exec;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class AttachCommand : MultiContainerVerb
{
    private readonly Option<string?> _detachKeys = OptionFactory.Text(
        "--detach-keys",
        null,
        "KEYS",
        "Key sequence for detaching at a terminal; empty for none (default: ctrl-p,ctrl-q)");
    private readonly Option<bool> _noStdin = OptionFactory.Flag("--no-stdin", null, "Do not attach standard input");
    private readonly Option<bool> _sigProxy =
        OptionFactory.Flag("--sig-proxy", null, "Proxy received signals to the container, unless it has a terminal (default: true)");

    public AttachCommand() : base("attach", "Attach to a running container") => AddOptions(_detachKeys, _noStdin, _sigProxy);

    public override string Details =>
        "Connects to standard input, output and error. Earlier output is not shown: see stasis logs. The detach keys end the " +
        "attachment; the container keeps running. KEYS are characters or ctrl-LETTER, separated by commas.";

    public override IReadOnlyList<(string, string)> ExitCodes =>
    [
        ("0", "The attachment was ended by the detach keys, or the container exited with 0."),
        (ExitStatus.Other, "The exit code of the container; 128+N if signal N killed it."),
    ];

    public override string? HandlesEach => null;

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
