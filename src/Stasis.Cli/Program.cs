using Stasis.Cli;
using Stasis.Cli.Commands.Host;
using Stasis.Cli.Output;
using Stasis.Engine.Jail;
using Stasis.Engine.RuntimeCommand;
using Stasis.Linux;
using Stasis.Linux.Processes;

try
{
    // By its name, this program is an OCI runtime: most of its calls are another runtime's, to which they go before anything is set up.
    if (ProgramArguments.Read() is var all && RuntimeProgram.IsNamedBy(all))
        return RuntimeProgram.Run(all, RemedyText.Word);
    return args switch
    {
        // Scripts often ask for the version first: building the command tree would take longer than the answer.
        ["version"] or ["--version"] => VersionCommand.Print(),
        [JailedRestore.Verb, var plan, .. var rest] => JailedRestore.Run(plan, rest),
        [AbandonedRestore.Verb, var root, var runRoot, var stateRoot, var id] => AbandonedRestore.Run(root, runRoot, stateRoot, id),
        _ => await CommandLineRunner.RunAsync(args),
    };
}
catch (LinuxException exception) // standard output cannot be written
{
    return FailureReport.Report(exception, debug: false);
}
