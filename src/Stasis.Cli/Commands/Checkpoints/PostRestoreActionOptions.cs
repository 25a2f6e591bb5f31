using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;

namespace Stasis.Cli.Commands.Checkpoints;

/// <summary>The options of <c>clone</c> and <c>restore</c> that tell a copy, once it runs, that it is a copy.</summary>
internal sealed class PostRestoreActionOptions
{
    private readonly Option<string[]> _env = OptionFactory.Many(
        "--env",
        null,
        "KEY[=VALUE]",
        "Value in the copy's /run/.stasis/identity.json (running processes keep their environment); KEY alone takes the caller's value");
    private readonly Option<string?> _exec =
        OptionFactory.Text("--exec", null, "COMMAND", "Run COMMAND with sh in the copy once it runs; the copy fails if COMMAND fails");
    private readonly Option<string?> _signal =
        OptionFactory.Text("--signal", null, "SIGNAL", "Send SIGNAL to the first process of the copy once it runs");

    public Option[] All => [_env, _exec, _signal];

    /// <summary>Options for the engine, with the values of these options set.</summary>
    /// <exception cref="StasisException">The signal is unknown.</exception>
    public RestoreOptions Apply(Invocation run, RestoreOptions options) => options with
    {
        Identity = options.Identity with { Env = ValueParsers.Variables(run.Get(_env)) },
        Exec = run.Get(_exec),
        Signal = run.Get(_signal) is not { } signal
            ? null
            : Stasis.Linux.Processes.Signals.Parse(signal) ?? throw new StasisException($"invalid signal: {signal}")
            {
                Remedy = "give the name of a signal such as TERM, or a number from 1 to 64",
            },
    };
}
