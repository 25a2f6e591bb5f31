using Stasis.Cli;
using Stasis.Cli.Commands;

// Scripts ask for the version before anything else, often; it needs no command tree.
if (args is ["version"] or ["--version"])
{
    VersionCommand.Print();
    return 0;
}
return await CommandLine.RunAsync(args);
