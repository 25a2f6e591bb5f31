using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Containers;

internal sealed class RestartCommand : PerContainerVerb
{
    private readonly Option<TimeSpan?> _time = OptionFactory
        .Create(
            "--time",
            "-t",
            "SECONDS",
            "Seconds to wait for it to stop before it is killed; -1 for no limit (default: that of the container, 10)",
            ValueParsers.Seconds)
        .WithAliases("--timeout");

    public RestartCommand() : base("restart", "Restart one or more containers", all: "Restart all containers") => AddOptions(_time);

    public override IReadOnlyList<(string, string)> ExitCodes =>
        [("126", "The command of a container cannot be run."), ("127", "The command of a container was not found.")];

    protected override Task ApplyAsync(Invocation run, string container) =>
        run.Engine.Containers.RestartAsync(container, run.Get(_time), run.Cancellation);
}
