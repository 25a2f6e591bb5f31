using Stasis.Cli;
using Stasis.Cli.Commands.Host;
using Stasis.Linux;

try
{
    // Scripts often ask for the version first: building the command tree would take longer than the answer.
    return args is ["version"] or ["--version"] ? VersionCommand.Print() : await CommandLine.RunAsync(args);
}
catch (LinuxException exception) // standard output cannot be written
{
    return FailureReport.Report(exception, debug: false);
}
