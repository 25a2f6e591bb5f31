using System.CommandLine;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Checkpoints;

/// <summary>
/// The page server, which a restore starts: "serve IMAGES FOLDER HISTORY"; "fill IMAGES FOLDER HISTORY ID" if pages are still to be read
/// from the checkpoint's archive, or "fetch …" from its image's layer on a registry. "bury FOLDER" kills the containers whose page server
/// was killed.
/// </summary>
internal sealed class PageServerCommand : Verb
{
    private readonly Argument<string[]> _what;

    public PageServerCommand() : base("page-server", "Serve memory pages to restored containers")
    {
        Hidden = true;
        _what = AddArgument("ARGUMENT", ArgumentArity.OneOrMore);
    }

    public override bool UsesState => false; // the engine handles the containers that it serves

    public override async Task<int> RunAsync(Invocation run)
    {
        switch (run.Get(_what))
        {
            case ["serve", var images, var folder, var history]:
                run.Engine.Checkpoints.ServePages(images, folder, history, incompleteId: null);
                return 0;
            case ["fill", var images, var folder, var history, var id]:
                run.Engine.Checkpoints.ServePages(images, folder, history, id);
                return 0;
            case ["fetch", var images, var folder, var history, var id]:
                run.Engine.Checkpoints.ServePages(images, folder, history, id, isOnRegistry: true);
                return 0;
            case ["bury", var folder]:
                await run.Engine.Checkpoints.KillContainersOfLostPageServersAsync(folder);
                return 0;
            default:
                throw new UsageException("page-server is for internal use: a restore starts it");
        }
    }
}
