using Stasis.Engine.Containers;
using Stasis.Engine.Criu.LazyPages;
using Stasis.Linux;

namespace Stasis.Engine.Checkpoints;

/// <summary>Restores whose memory is supplied on demand: which they are, and by whom it is.</summary>
internal static class LazyRestore
{
    /// <summary>CRIU's option; in the container's own CRIU configuration it holds for every runtime.</summary>
    public const string CriuOption = "lazy-pages";

    /// <summary>
    /// With less memory than this, CRIU restores it as soon as a page server is there for it (measured with a process that fills its memory; at 128 MiB it runs in half the time).
    /// </summary>
    public const long WorthBytes = 64L << 20;

    // Where the order in which copies touch their memory is kept: beside the checkpoint's images.
    private const string OrderFile = "page-order";

    /// <summary>Whether a restore's memory is to be supplied on demand.</summary>
    public static bool IsWanted(RestoreOptions options, CheckpointFolder checkpoint) => options.Lazy switch
    {
        true when !KernelFeatures.HasUserFaultFd() => throw new StasisException("memory can't be supplied on demand: this kernel's userfaultfd(2) isn't there, or lacks what CRIU needs")
        {
            Remedy = "restore without --lazy",
        },
        { } given => given,
        null => PageBytes(checkpoint.Images) >= WorthBytes && KernelFeatures.HasUserFaultFd(),
    };

    /// <summary>Asks for a container's memory to be supplied.</summary>
    public static Task<LazySupply> RequestAsync(LockedContainer container, CheckpointFolder checkpoint, CancellationToken cancellation)
    {
        var engine = container.Engine;
        var folder = new PageServerFolder(engine.Layout.PageServer(checkpoint.Images));
        var order = Path.Combine(checkpoint.Path, OrderFile);
        FaultOrder.MakeFile(order);
        return LazySupply.RequestAsync(folder, container.Paths, [.. Command(engine), "serve", checkpoint.Images, folder.Path, order], cancellation);
    }

    /// <summary>The command that is a page server, or takes care of what one has left.</summary>
    public static IReadOnlyList<string> Command(StasisEngine engine) =>
        [engine.Options.ExitCommand, "--root", engine.Layout.Root, "--runroot", engine.Layout.RunRoot, "page-server"];

    /// <summary>All memory of a container is there: the checkpoint in place that it came from isn't needed any more.</summary>
    public static async Task CompleteAsync(StasisEngine engine, string id)
    {
        if (engine.ContainerStore.FindById(id)?.State.CheckpointId is null)
            return;
        try
        {
            using var container = await engine.Containers.LockAsync(id, CancellationToken.None);
            if (container.State is { IsAlive: true, Checkpointed: false, CheckpointId: not null, CheckpointPath: null })
                ContainerManager.DropCheckpoint(container);
        }
        catch (NotFoundException)
        {
            return; // removed meanwhile, and the checkpoint with it
        }
    }

    private static long PageBytes(string images) => Directory.EnumerateFiles(images, "pages-*.img").Sum(file => new FileInfo(file).Length);
}

public sealed partial class CheckpointManager
{
    /// <summary>Supplies the memory of all copies of a checkpoint, until it is all there (the hidden command page-server). <paramref name="control"/> is where restores connect.</summary>
    /// <param name="images">CRIU's images.</param>
    /// <param name="folder">The server's folder.</param>
    /// <param name="order">Where the order of first touches is kept.</param>
    /// <param name="control">The listening socket.</param>
    public void ServePages(string images, string folder, string order, LocalSocket control)
    {
        using var server = new PageServer(new PageServerOptions
        {
            Images = images,
            Folder = new PageServerFolder(folder),
            Order = order,
            Bury = [.. LazyRestore.Command(_engine), "bury"],
            Lost = (id, reason) => MemoryOnDemand.LoseAsync(_engine, id, reason),
            Complete = id => LazyRestore.CompleteAsync(_engine, id),
        }, control);
        server.Run();
    }

    /// <summary>Kills all containers that a page server which was killed leaves without memory.</summary>
    public Task BuryPagesAsync() => MemoryOnDemand.BuryAsync(_engine);
}
