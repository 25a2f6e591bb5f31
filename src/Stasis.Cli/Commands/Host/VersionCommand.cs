using System.CommandLine;
using System.Runtime.InteropServices;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Reports;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Host;

internal sealed class VersionCommand : Verb
{
    private readonly Option<string?> _format = OptionFactory.Text("--format", "-f", "FORMAT", "json, or a template such as {{.Version}}");

    public VersionCommand() : base("version", "Display the version") => AddOptions(_format);

    public static string Version => typeof(VersionCommand).Assembly.GetName().Version!.ToString(3);

    public static int Print()
    {
        StandardOutput.Write(System.Text.Encoding.ASCII.GetBytes($"stasis version {Version}\n"));
        return 0;
    }

    public override bool UsesState => false;

    public override Task<int> RunAsync(Invocation run)
    {
        if (run.Get(_format) is not { } format)
            return Task.FromResult(Print());
        var report = new VersionReport(Version, "linux", RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant());
        JsonPrinter.WriteFormatted("version", report, CliJsonContext.Default.VersionReport, format);
        return Task.FromResult(0);
    }
}
