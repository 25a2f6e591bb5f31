using System.CommandLine;
using Stasis.Cli.Output.HelpText;
using Stasis.Cli.Verbs;
using Stasis.Linux.Files;

namespace Stasis.Cli.Commands.Host;

/// <summary>Writes the man pages of all commands; docs/man holds them.</summary>
internal sealed class ManCommand : Verb
{
    private readonly Argument<string[]> _directory;

    public ManCommand() : base("man", "Write man pages to a folder")
    {
        Hidden = true;
        _directory = AddArgument("DIR", ArgumentArity.ExactlyOne);
    }

    public override bool UsesState => false;

    public override Task<int> RunAsync(Invocation run)
    {
        var directory = run.Get(_directory)[0];
        Directory.CreateDirectory(directory);
        foreach (var (name, page) in ManPage.All(CommandTree.Build()))
            AtomicFile.Write(
                Path.Combine(directory, name),
                System.Text.Encoding.UTF8.GetBytes(page),
                mode: 0x1A4 /* 0644 */,
                durable: false);
        return Task.FromResult(0);
    }
}
