using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Linux.Processes;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>
/// Reads the pages-N.img of a checkpoint out of its archive: at once the pages that are waited for, everything else while no copy is being
/// supplied.
/// </summary>
internal sealed class ArchivePagesReader : IDisposable
{
    private const int Nice = 5;
    private const int CheckMilliseconds = 100;

    // A restore that takes longer is held up by something else than the processor.
    private static readonly TimeSpan PauseLimit = TimeSpan.FromSeconds(2);

    private readonly IPagesArchive _archive;
    private readonly Dictionary<string, EntryPieceCopier> _files = [];
    private readonly List<Thread> _threads = [];
    private readonly object _lock = new();
    private Exception? _failure;
    private long _pausedUntil;
    private int _running;
    private volatile bool _stopping;

    /// <summary>Opens the files.</summary>
    /// <param name="archive">The archive; disposed with this object.</param>
    /// <param name="images">The folder of the files, which exist with their full length.</param>
    public ArchivePagesReader(IPagesArchive archive, string images)
    {
        _archive = archive;
        foreach (var (name, entry) in archive.Index.Entries.Where(entry => ArchiveEntryNames.IsPages(entry.Key)))
        {
            var file = Path.GetFileName(name);
            var path = Path.Combine(images, file);
            var target = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            _files[file] = new EntryPieceCopier(archive.Index, entry, target);
        }
    }

    /// <summary>The backfill of one file; null if the archive has no file of that name.</summary>
    public EntryPieceCopier? Find(string file) => _files.GetValueOrDefault(file);

    /// <summary>Starts to read all files.</summary>
    /// <param name="threads">How many threads read.</param>
    /// <param name="ended">Called on one of them when everything has been read; with an exception if something can't be read.</param>
    public void Start(int threads, Action<Exception?> ended)
    {
        _running = threads;
        for (var i = 0; i < threads; i++)
        {
            var thread = new Thread(() => Run(ended)) { IsBackground = true, Name = "backfill" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <inheritdoc cref="IPagesArchive.IsAwaited"/>
    public bool IsAwaited
    {
        set => _archive.IsAwaited = value;
    }

    /// <summary>Pauses reading ahead, for two seconds at most: leaves the processor to a copy that is being restored.</summary>
    public void Pause()
    {
        lock (_lock)
            _pausedUntil = Environment.TickCount64 + (long)PauseLimit.TotalMilliseconds;
    }

    /// <summary>Resumes reading ahead.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            _pausedUntil = 0;
            Monitor.PulseAll(_lock);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stopping = true;
            Monitor.PulseAll(_lock);
        }
        _archive.Cancel();
        _threads.ForEach(thread => thread.Join());
        foreach (var file in _files.Values)
            file.Dispose();
        _archive.Dispose();
    }

    private void Run(Action<Exception?> ended)
    {
        Niceness.Set(Nice); // the restored processes come first
        try
        {
            lock (_threads)
            {
                FaultPoint.Hit("pages.background");
                FaultPoint.Hit("pages.filling");
            }
            while (WaitWhilePaused() && _files.Values.Any(file => file.CopyNext()))
            {
            }
            if (!_stopping)
                Array.ForEach([.. _files.Values], file => file.RequireAll()); // other threads may still read what is waited for
        }
        catch (Exception e) // of whatever kind: the containers are to be told, and killed, not left without a server
        {
            lock (_lock)
                (_failure, _stopping) = (_failure ?? e, true);
            _archive.Cancel();
        }
        if (Interlocked.Decrement(ref _running) == 0 && (_failure is not null || !_stopping))
            ended(_failure ?? _archive.Confirm());
    }

    private bool WaitWhilePaused()
    {
        lock (_lock)
        {
            while (!_stopping && _pausedUntil > Environment.TickCount64 && !_archive.IsWanted)
                Monitor.Wait(_lock, CheckMilliseconds);
            return !_stopping;
        }
    }
}
