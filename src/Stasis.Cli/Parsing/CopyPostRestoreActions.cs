using System.CommandLine;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Errors;

namespace Stasis.Cli.Parsing;

/// <summary>What is to happen in a copy as soon as it runs, and what its identity file says: the same for clone and restore.</summary>
internal sealed class CopyPostRestoreActions
{
    private readonly Option<string[]> _env = OptionFactory.Many("--env", null, "KEY[=VALUE]", "Value for the copy's /run/.stasis/identity.json, the caller's own if only KEY is given; the environment of processes that run can't be changed");
    private readonly Option<string?> _exec = OptionFactory.Text("--exec", null, "COMMAND", "Command that sh runs in the copy as soon as that runs; if it fails, the copy has failed");
    private readonly Option<string?> _signal = OptionFactory.Text("--signal", null, "SIGNAL", "Signal that the copy's first process gets as soon as it runs");

    public Option[] All => [_env, _exec, _signal];

    public RestoreOptions Apply(Invocation run, RestoreOptions options) => options with
    {
        Identity = options.Identity with { Env = ValueParsers.Variables(run.Get(_env)) },
        Exec = run.Get(_exec),
        Signal = run.Get(_signal) is not { } signal ? null : Stasis.Linux.Processes.Signals.Parse(signal) ?? throw new StasisException($"invalid signal: {signal}")
        {
            Remedy = "give the name of a signal such as TERM, or a number from 1 to 64",
        },
    };
}
