using System.CommandLine;
using Stasis.Cli.Output;

namespace Stasis.Cli.Commands;

internal sealed class VolumeLsCommand : Verb
{
    private readonly Option<bool> _quiet = Opt.Flag("--quiet", "-q", "Show names alone");

    public VolumeLsCommand() : base("ls", "List named volumes") => Take(_quiet);

    public override Task<int> RunAsync(Invocation run)
    {
        var names = run.Engine.Volumes.List();
        if (run.Get(_quiet))
        {
            foreach (var name in names)
                StandardOutput.Line(name);
            return Task.FromResult(0);
        }
        var table = new Table("DRIVER", "VOLUME NAME");
        foreach (var name in names)
            table.Add("local", name);
        table.Write(StandardOutput.Writer);
        return Task.FromResult(0);
    }
}
