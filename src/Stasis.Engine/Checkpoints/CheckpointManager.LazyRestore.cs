using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.LazyPages;
using Stasis.Linux.Events;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>
    /// Supplies the memory of all copies of a checkpoint, until it is all there (the hidden command page-server).
    /// <paramref name="control"/> is where restores connect.
    /// </summary>
    /// <param name="images">CRIU's images.</param>
    /// <param name="folder">The server's folder.</param>
    /// <param name="order">Where the order of first touches is kept.</param>
    /// <param name="control">The listening socket.</param>
    /// <param name="fill">Where the images' pages are, if they aren't all there.</param>
    public void ServePages(string images, string folder, string order, UnixSocket control, BackfillRequest? fill)
    {
        using var filling = fill is null ? null : CheckpointBackfill.Begin(_engine, fill);
        using var server = new PageServer(new PageServerOptions
        {
            Images = images,
            Folder = new PageServerFolder(folder),
            Order = order,
            OpenFill = filling is null ? null : () => filling.Open(images),
            OnBackfilled = () => filling?.Complete(),
            KillOrphansCommand = [.. LazyRestore.Command(_engine), "bury"],
            OnLost = (id, reason) => MemoryOnDemand.KillAsync(_engine, id, reason),
            OnComplete = id => LazyRestore.CompleteAsync(_engine, id),
        }, control);
        server.Run();
    }

    /// <summary>Kills all containers that a page server which was killed leaves without memory.</summary>
    public Task KillContainersOfLostPageServersAsync() => MemoryOnDemand.KillOrphansAsync(_engine);
}
