using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.LazyPages;
using Stasis.Engine.LazyPages.Server;
using Stasis.Linux.Network;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>
    /// Supplies the memory of all copies of a checkpoint, until it is all there (the hidden command page-server). Uses the descriptors that
    /// a restore has started this process with.
    /// </summary>
    /// <param name="images">The folder of CRIU's images.</param>
    /// <param name="folder">The server's folder.</param>
    /// <param name="history">The file that records which pages copies touch first.</param>
    /// <param name="incompleteId">ID of the checkpoint if its pages are still to be read from its archive; null if it is complete.</param>
    /// <param name="isOnRegistry">Whether that is a layer on a registry.</param>
    public void ServePages(string images, string folder, string history, string? incompleteId, bool isOnRegistry = false)
    {
        var descriptors = PageServerDescriptors.Inherit(hasArchive: incompleteId is not null);
        using var filling = incompleteId is null
            ? null
            : BackfillLease.Begin(
                _engine, new BackfillRequest(incompleteId, descriptors.Archive!, isOnRegistry, descriptors.BackfillLock!));
        using var server = new PageServer(new PageServerOptions
        {
            Images = images,
            Folder = new PageServerFolder(folder),
            FaultHistory = history,
            OpenBackfill = filling is null ? null : () => filling.Open(images),
            OnBackfilled = () => filling?.Complete(),
            KillOrphansCommand = [.. LazyRestore.Command(_engine), "bury", folder],
            OnLost = (id, reason) => LazyMemorySupervisor.KillAsync(_engine, id, reason),
            OnComplete = id => LazyRestore.CompleteAsync(_engine, id),
        }, new UnixSocket(descriptors.Control));
        server.Run();
    }

    /// <summary>Kills all containers that a page server which was killed leaves without memory.</summary>
    /// <param name="folder">The server's folder. The process that starts this one still has the server's socket open.</param>
    public async Task KillContainersOfLostPageServersAsync(string folder)
    {
        await LazyMemorySupervisor.KillOrphansAsync(_engine);
        var server = new PageServerFolder(folder);
        using var held = await _engine.Log.Locks.AcquireAsync(server.Lock, shared: false, CancellationToken.None);
        File.Delete(server.Control);
        File.Delete(server.Log);
    }
}
