using System.CommandLine;
using Microsoft.Win32.SafeHandles;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Linux.Network;

namespace Stasis.Cli.Commands.Checkpoints;

/// <summary>
/// What supplies the memory of a checkpoint's copies on demand, started by a restore: "serve IMAGES FOLDER ORDER", with the socket that it is asked by as descriptor 3; "fill
/// IMAGES FOLDER ORDER ID", with an archive and a lock as descriptors 4 and 5 too, where pages are still to be read from that; and what takes care of the copies when it was killed: "bury".
/// </summary>
internal sealed class PageServerCommand : Verb
{
    private const int ControlDescriptor = 3;
    private const int ArchiveDescriptor = 4;
    private const int LockDescriptor = 5;

    private readonly Argument<string[]> _what;

    public PageServerCommand() : base("page-server", "Supply memory to restored containers on demand")
    {
        Hidden = true;
        _what = Takes("ARGUMENT", ArgumentArity.OneOrMore);
    }

    public override bool UsesState => false; // of the containers that it supplies, and the engine sees to that

    public override async Task<int> RunAsync(Invocation run)
    {
        switch (run.Get(_what))
        {
            case ["serve", var images, var folder, var order]:
                run.Engine.Checkpoints.ServePages(images, folder, order, new UnixSocket(Inherited(ControlDescriptor)), null);
                return 0;
            case ["fill", var images, var folder, var order, var id]:
                run.Engine.Checkpoints.ServePages(images, folder, order, new UnixSocket(Inherited(ControlDescriptor)), new BackfillRequest(id, Inherited(ArchiveDescriptor), Inherited(LockDescriptor)));
                return 0;
            case ["bury"]:
                await run.Engine.Checkpoints.KillContainersOfLostPageServersAsync();
                return 0;
            default:
                throw new UsageException("page-server is started by a restore");
        }
    }

    private static SafeFileHandle Inherited(int descriptor) => new(descriptor, ownsHandle: true);
}
