using Stasis.Cli;
using Stasis.Cli.Commands.Host;
using Stasis.Linux;

try
{
    // Scripts ask for the version before anything else, often; it needs no command tree.
    return args is ["version"] or ["--version"] ? VersionCommand.Print() : await CommandLine.RunAsync(args);
}
catch (LinuxException exception) // what was to be printed can't be
{
    return FailureReport.Report(exception, debug: false);
}
