using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Containers;

internal sealed class RestartCommand : PerContainerVerb
{
    private readonly Option<TimeSpan?> _time = OptionFactory.Create("--time", "-t", "SECONDS", "How long it may take to stop before it is killed; -1 for ever (the container's own: 10)", ValueParsers.Seconds).Also("--timeout");

    public RestartCommand() : base("restart", "Stop one or more containers and start them again", all: "Restart all containers") => AddOptions(_time);

    protected override Task ApplyAsync(Invocation run, string container) => run.Engine.Containers.RestartAsync(container, run.Get(_time), run.Cancellation);
}
