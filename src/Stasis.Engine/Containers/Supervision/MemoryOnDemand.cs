using System.Globalization;
using System.Text;
using Stasis.Engine.Errors;
using Stasis.Engine.LazyPages;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;
using Stasis.Linux.Network;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>Containers whose memory is supplied on demand: what they can't do before it is all there, and their end when it can't be supplied.</summary>
internal static class MemoryOnDemand
{
    // Memory comes within milliseconds, if it comes.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Waits until all memory is there, as long as more of it comes. <paramref name="waiting"/> is told how much is there.</summary>
    /// <exception cref="InvalidStateException">It doesn't come; it says how much is missing.</exception>
    public static async Task CompleteAsync(LockedContainer container, Action<LazyPagesRecord> waiting, CancellationToken cancellation)
    {
        var (last, since) = (-1L, Environment.TickCount64);
        while (LazyPagesRecord.Read(container.Paths.LazyPages) is { } record)
        {
            if (record.Loaded != last)
                (last, since) = (record.Loaded, Environment.TickCount64);
            else if (!record.IsServed || Environment.TickCount64 - since > Patience.TotalMilliseconds)
                throw Incomplete(container.Container, record);
            waiting(record);
            await Task.Delay(20, cancellation);
        }
    }

    /// <summary>Kills a container whose memory can't be supplied. The reason is recorded with its end, and stands in its log.</summary>
    public static async Task KillAsync(StasisEngine engine, string id, string reason)
    {
        var paths = engine.Layout.Container(id);
        if (engine.ContainerStore.FindById(id) is not { } container || !Directory.Exists(paths.RunDirectory))
            return;
        var sentence = $"its memory could no longer be supplied on demand, so it was killed: {reason}";
        var isFirst = TryRecord(paths.LostPages, sentence);
        await ContainerCgroup.KillAsync(container, CancellationToken.None);
        if (!isFirst || !File.Exists(paths.Log))
            return;
        using var log = new FileStream(paths.Log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        log.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fffffff}00+00:00 stderr F stasis: {sentence}\n")));
    }

    /// <summary>Kills all containers whose page server has died, and takes away where it was asked.</summary>
    public static async Task KillOrphansAsync(StasisEngine engine)
    {
        foreach (var container in engine.ContainerStore.List())
        {
            if (LazyPagesRecord.Read(engine.Layout.Container(container.Id).LazyPages) is { IsServed: false } record)
                await KillAsync(engine, container.Id, string.Create(CultureInfo.InvariantCulture,
                    $"the page server (PID {record.Server}) was killed, with {Megabytes(record.Outstanding)} of {Megabytes(record.Total)} MB outstanding"));
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

    // Who buries the server's copies, and the next command, which looks for them as well, may both come to it: link(2) lets one of them be first, with the whole sentence.
    internal static bool TryRecord(string path, string sentence)
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

    private static InvalidStateException Incomplete(Container container, LazyPagesRecord record) =>
        new($"cannot checkpoint container {container.Name}: of its memory, {Megabytes(record.Outstanding)} of {Megabytes(record.Total)} MB aren't there yet, and none came for a while from its page server (PID {record.Server})")
        {
            Remedy = $"see whether that runs, and try again when they are; this shows how many are left: stasis inspect --format {{{{.State.LazyPages.Outstanding}}}} {container.Name}",
        };

    private static long Megabytes(long bytes) => (bytes + 999_999) / 1_000_000;
}
