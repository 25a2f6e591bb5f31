using System.Globalization;
using System.Text;
using Stasis.Engine.Errors;
using Stasis.Engine.LazyPages;
using Stasis.Engine.Oci;
using Stasis.Engine.Storage;
using Stasis.Linux;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;
using Stasis.Linux.Network;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>
/// Containers whose memory is supplied on demand: waits until all of it is loaded, and kills them if it can't be supplied any
/// more.
/// </summary>
internal static class LazyMemorySupervisor
{
    // A page server that works supplies memory within milliseconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Waits until all memory of a container is loaded, as long as more is loaded.</summary>
    /// <param name="name">The container's name.</param>
    /// <param name="progress">Path of its <see cref="LazyPagesProgress"/>.</param>
    /// <param name="query">The command that tells its user how much is missing.</param>
    /// <param name="report">Called with how much is loaded, while waiting.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="InvalidStateException">No more memory comes; the message has how much is missing.</exception>
    public static async Task WaitUntilLoadedAsync(
        string name, string progress, string query, Action<LazyPagesProgress> report, CancellationToken cancellation)
    {
        var (last, since) = (-1L, Environment.TickCount64);
        while (LazyPagesProgress.Read(progress) is { } record)
        {
            if (record.Loaded != last)
                (last, since) = (record.Loaded, Environment.TickCount64);
            else if (!record.IsServed || Environment.TickCount64 - since > Patience.TotalMilliseconds)
                throw Incomplete(name, record, query);
            report(record);
            await Task.Delay(20, cancellation);
        }
    }

    /// <summary>
    /// Kills a container whose memory can't be supplied any more. Its state and its log get the reason; of one in another engine's bundle,
    /// its record does.
    /// </summary>
    /// <param name="engine">The engine.</param>
    /// <param name="id">The container, as <see cref="LazyMemoryFiles.Container"/> names it.</param>
    /// <param name="reason">Why.</param>
    public static async Task KillAsync(StasisEngine engine, string id, string reason)
    {
        var sentence = $"its memory could no longer be supplied on demand, so it was killed: {reason}";
        if (Path.IsPathRooted(id))
        {
            KillBundle(new RestoredBundleLayout(id), sentence);
            return;
        }
        var paths = engine.Layout.Container(id);
        if (engine.ContainerStore.FindById(id) is not { } container || !Directory.Exists(paths.RunDirectory))
            return;
        var isFirst = TryWriteReason(paths.LostPages, sentence);
        await ContainerCgroup.KillAsync(container, CancellationToken.None);
        if (!isFirst || !File.Exists(paths.Log))
            return;
        using var log = new FileStream(paths.Log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var time = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture);
        log.Write(Encoding.UTF8.GetBytes($"{time}00+00:00 stderr F stasis: {sentence}\n"));
    }

    /// <summary>Kills all containers whose page server has died, and removes the dead servers' sockets.</summary>
    public static async Task KillOrphansAsync(StasisEngine engine)
    {
        foreach (var container in FindLazy(engine))
        {
            if (LazyPagesProgress.Read(container.Progress) is not { IsServed: false } record)
                continue;
            var outstanding = $"{Megabytes(record.Outstanding)} of {Megabytes(record.Total)} MB outstanding";
            await KillAsync(engine, container.Container, $"the page server (PID {record.Server}) was killed, with {outstanding}");
        }
        foreach (var folder in Directory.EnumerateDirectories(engine.Layout.PageServers).Select(path => new PageServerFolder(path)))
        {
            using var held = FileLock.TryAcquire(folder.Lock);
            if (held is null)
                continue; // a restore is asking it, or it is ending
            using var listens = UnixSocket.TryConnect(folder.Control);
            if (listens is not null)
                continue;
            File.Delete(folder.Control);
            File.Delete(folder.Log);
        }
    }

    private static IEnumerable<LazyMemoryFiles> FindLazy(StasisEngine engine) =>
    [
        .. engine.ContainerStore.List().Select(container => LazyMemoryFiles.Of(engine.Layout.Container(container.Id))),
        .. engine.Layout.ListRestoredBundles().Select(LazyMemoryFiles.Of),
    ];

    private static void KillBundle(RestoredBundleLayout bundle, string sentence)
    {
        if (!Directory.Exists(bundle.Folder))
            return;
        _ = TryWriteReason(bundle.LostPages, sentence);
        CgroupKiller.Kill(bundle.ReadCgroups());
    }

    // The process that cleans up after a page server and the next command may both find its containers. link(2) lets one of them
    // be first, with a complete sentence.
    internal static bool TryWriteReason(string path, string sentence)
    {
        var own = $"{path}.{RandomHex.Digits(16)}";
        AtomicFile.Write(own, Encoding.UTF8.GetBytes(sentence), durable: false);
        try
        {
            FileTree.Link(own, path);
            return true;
        }
        catch (LinuxException e) when (e.Errno == Errno.EEXIST)
        {
            return false;
        }
        finally
        {
            File.Delete(own);
        }
    }

    private static InvalidStateException Incomplete(string name, LazyPagesProgress record, string query) =>
        new(
            $"cannot checkpoint container {name}: of its memory, {Megabytes(record.Outstanding)} of {Megabytes(record.Total)} MB "
            + $"aren't there yet, and none came for a while from its page server (PID {record.Server})")
        {
            Remedy = $"see whether that runs, and try again when they are; this shows how many are left: {query}",
        };

    private static long Megabytes(long bytes) => (bytes + 999_999) / 1_000_000;
}
