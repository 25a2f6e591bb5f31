using Stasis.Engine.Archive;
using Stasis.Engine.Containers;
using Stasis.Engine.Errors;
using Stasis.Engine.LazyPages;
using Stasis.Engine.LazyPages.Server;
using Stasis.Engine.Storage;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Network;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>Restores whose memory is supplied on demand, by a page server.</summary>
internal static class LazyRestore
{
    /// <summary>
    /// With less memory than this, CRIU restores it as soon as a page server is there for it (measured with a process that fills its
    /// memory; at 128 MiB it runs in half the time).
    /// </summary>
    public const long WorthBytes = 64L << 20;

    // A page server that has nothing to do any more ends within 100 ms.
    private const int EndMilliseconds = 20;
    private const int EndPatience = 250;

    // Where the order in which copies touch their memory is kept: beside the checkpoint's images.
    private const string OrderFile = "page-order";

    /// <summary>Requires that the kernel can supply memory on demand, if that is asked for.</summary>
    /// <exception cref="StasisException">It can't.</exception>
    public static void RequireSupport(RestoreMemoryOptions options)
    {
        if (options.Lazy != true || KernelFeatures.HasUserFaultFd())
            return;
        throw new StasisException("memory can't be supplied on demand: this kernel's userfaultfd(2) isn't there, or lacks what CRIU needs")
        {
            Remedy = "restore without --lazy",
        };
    }

    /// <summary>Whether a restore's memory is to be supplied on demand.</summary>
    public static bool IsWanted(RestoreMemoryOptions options, CheckpointEntryPaths checkpoint) =>
        options.Lazy ?? (PageBytes(checkpoint.Images) >= WorthBytes && KernelFeatures.HasUserFaultFd());

    /// <summary>Asks for a container's memory to be supplied.</summary>
    /// <param name="engine">The engine that has the checkpoint.</param>
    /// <param name="container">The container.</param>
    /// <param name="checkpoint">Its checkpoint.</param>
    /// <param name="id">The checkpoint's ID.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="StasisException">The checkpoint isn't complete, and nobody completes it.</exception>
    public static Task<PageServerClient> RequestAsync(
        StasisEngine engine, LazyMemoryFiles container, CheckpointEntryPaths checkpoint, string id, CancellationToken cancellation)
    {
        var folder = new PageServerFolder(engine.Layout.PageServer(checkpoint.Images));
        string[] server = [.. Command(engine), "serve", checkpoint.Images, folder.Path, Order(checkpoint)];
        return PageServerClient.RequestAsync(folder, container, server, RequireComplete, engine.Log, cancellation);

        // Called if there is no page server: as long as a checkpoint isn't complete, it has one.
        void RequireComplete()
        {
            if (!engine.CheckpointStore.IsComplete(id))
                throw CheckpointStore.Incomplete(id);
        }
    }

    /// <summary>Starts the page server of an incomplete checkpoint, which reads the missing memory pages out of its archive.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="id">The checkpoint.</param>
    /// <param name="archive">The archive.</param>
    /// <param name="filling">The lock that whoever reads the archive holds; the page server inherits it.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public static async Task StartBackfillAsync(
        StasisEngine engine, string id, LazyPagesSource archive, FileLock filling, CancellationToken cancellation)
    {
        var checkpoint = new CheckpointEntryPaths(engine.Layout.Checkpoint(id));
        var folder = new PageServerFolder(engine.Layout.PageServer(checkpoint.Images));
        for (var left = EndPatience; ; left--)
        {
            using (await engine.Log.Locks.AcquireAsync(folder.Lock, shared: false, cancellation))
            {
                using var other = UnixSocket.TryConnect(folder.Control);
                if (other is null)
                {
                    IReadOnlyList<string> server =
                        [.. Command(engine), archive.PageServerVerb, checkpoint.Images, folder.Path, Order(checkpoint), id];
                    PageServerProcess.Start(folder, server, archive.Descriptor, filling.Inherit(), engine.Log.Programs);
                    return;
                }
            }
            // One of an earlier checkpoint of that ID, or that has failed.
            if (left == 0)
            {
                throw new StasisException($"checkpoint {id[..12]} has a page server already, which doesn't end")
                {
                    Remedy = "remove the containers that were made from it, and try again",
                };
            }
            await Task.Delay(EndMilliseconds, cancellation);
        }
    }

    /// <summary>Program and first arguments of a page server, and of the command that cleans up after one.</summary>
    public static IReadOnlyList<string> Command(StasisEngine engine) =>
        engine.Command.Line("page-server");

    /// <summary>Drops the checkpoint in place that a container came from, as all of its memory is there.</summary>
    public static async Task CompleteAsync(StasisEngine engine, string id)
    {
        if (engine.ContainerStore.FindById(id)?.State.CheckpointId is null)
            return;
        try
        {
            using var container = await engine.Containers.LockAsync(id, CancellationToken.None);
            if (container.State is { IsAlive: true, Checkpointed: false, CheckpointId: not null, CheckpointPath: null })
                ContainerManager.ReleaseCheckpointInPlace(container);
        }
        catch (NotFoundException)
        {
            return; // removed meanwhile, and the checkpoint with it
        }
    }

    private static string Order(CheckpointEntryPaths checkpoint)
    {
        var order = Path.Combine(checkpoint.Path, OrderFile);
        FaultHistory.CreateFile(order);
        return order;
    }

    private static long PageBytes(string images) => Directory.EnumerateFiles(images, "pages-*.img").Sum(file => new FileInfo(file).Length);
}
