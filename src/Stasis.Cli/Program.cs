using Stasis.Cli;
using Stasis.Cli.Commands.Host;
using Stasis.Engine.Jail;
using Stasis.Linux;

try
{
    return args switch
    {
        // Scripts often ask for the version first: building the command tree would take longer than the answer.
        ["version"] or ["--version"] => VersionCommand.Print(),
        [RuntimeShim.Verb, var plan, .. var rest] => RuntimeShim.Run(plan, rest),
        _ => await CommandLine.RunAsync(args),
    };
}
catch (LinuxException exception) // standard output cannot be written
{
    return FailureReport.Report(exception, debug: false);
}
