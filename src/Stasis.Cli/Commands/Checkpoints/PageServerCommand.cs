using System.CommandLine;
using Microsoft.Win32.SafeHandles;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Linux.Events;

namespace Stasis.Cli.Commands.Checkpoints;

/// <summary>
/// Serves memory pages to containers restored from a checkpoint; started by a restore. "serve IMAGES FOLDER ORDER" has its control socket
/// as descriptor 3. "fill IMAGES FOLDER ORDER ID" also reads pages from an archive, descriptor 4, under a lock, descriptor 5. "bury" kills
/// containers whose page server was killed.
/// </summary>
internal sealed class PageServerCommand : Verb
{
    private const int ControlDescriptor = 3;
    private const int ArchiveDescriptor = 4;
    private const int LockDescriptor = 5;

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
            case ["serve", var images, var folder, var order]:
                run.Engine.Checkpoints.ServePages(images, folder, order, new UnixSocket(Inherited(ControlDescriptor)), null);
                return 0;
            case ["fill", var images, var folder, var order, var id]:
                run.Engine.Checkpoints.ServePages(
                    images,
                    folder,
                    order,
                    new UnixSocket(Inherited(ControlDescriptor)),
                    new BackfillRequest(id, Inherited(ArchiveDescriptor), Inherited(LockDescriptor)));
                return 0;
            case ["bury"]:
                await run.Engine.Checkpoints.KillContainersOfLostPageServersAsync();
                return 0;
            default:
                throw new UsageException("page-server is for internal use: a restore starts it");
        }
    }

    private static SafeFileHandle Inherited(int descriptor) => new(descriptor, ownsHandle: true);
}
