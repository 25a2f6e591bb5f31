using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>
/// Reads the files of pages of a checkpoint out of its archive: at once what is waited for, and everything else when there are no copies to be supplied, which want all of it themselves. The archive is
/// kept from being written to as long as that takes (<see cref="FileLease"/>, which comes with it).
/// </summary>
internal sealed class PagesBackfill : IDisposable
{
    private const int Nice = 5;
    private const int LookMilliseconds = 100;

    // A copy that is being restored wants the processor; one that takes longer is held up by something else.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SafeFileHandle _archive;
    private readonly ArchiveIndex _index;
    private readonly Dictionary<string, EntryBackfill> _files = [];
    private readonly List<Thread> _threads = [];
    private readonly object _lock = new();
    private Exception? _failure;
    private long _heldUntil;
    private int _running;
    private volatile bool _stopping;

    /// <param name="archive">The archive, open; it becomes this object's.</param>
    /// <param name="images">The folder of the files.</param>
    public PagesBackfill(SafeFileHandle archive, string images)
    {
        _archive = archive;
        _index = ArchiveIndex.TryOpen(archive) ?? throw new InvalidDataException("the archive has no seek table any more");
        foreach (var (name, entry) in _index.Entries.Where(entry => ArchiveEntryNames.IsPages(entry.Key)))
        {
            var file = Path.GetFileName(name);
            _files[file] = new EntryBackfill(_index, entry, File.OpenHandle(Path.Combine(images, file), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
        }
    }

    /// <summary>What brings the content of a file, by its name.</summary>
    public EntryBackfill? Find(string file) => _files.GetValueOrDefault(file);

    /// <summary>Begins to read all of it.</summary>
    /// <param name="threads">On so many threads.</param>
    /// <param name="ended">Called on one of them when all is there; with an exception when it can't be had.</param>
    public void Start(int threads, Action<Exception?> ended)
    {
        _running = threads;
        for (var i = 0; i < threads; i++)
        {
            var thread = new Thread(() => Run(ended)) { IsBackground = true, Name = "fill" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>Leaves the processor to a copy that is being restored.</summary>
    public void Pause()
    {
        lock (_lock)
            _heldUntil = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
    }

    /// <summary>There are no copies that want it.</summary>
    public void GoOn()
    {
        lock (_lock)
        {
            _heldUntil = 0;
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
        _threads.ForEach(thread => thread.Join());
        foreach (var file in _files.Values)
            file.Dispose();
        _index.Dispose();
        _archive.Dispose();
    }

    private void Run(Action<Exception?> ended)
    {
        Niceness.Set(Nice); // the processes that the memory is for go first
        try
        {
            lock (_threads)
            {
                FaultPoint.Hit("pages.background");
                FaultPoint.Hit("pages.filling");
            }
            while (MayGoOn() && _files.Values.Any(file => file.CopyNext()))
            {
            }
            if (!_stopping)
                Array.ForEach([.. _files.Values], file => file.RequireAll()); // others may still be at what they wanted at once
        }
        catch (Exception e) when (e is IOException or InvalidDataException or StasisException)
        {
            lock (_lock)
                (_failure, _stopping) = (_failure ?? e, true);
        }
        if (Interlocked.Decrement(ref _running) == 0 && (_failure is not null || !_stopping))
            ended(_failure ?? Confirm());
    }

    // Whether every byte of it is as it was when the archive was looked at.
    private InvalidDataException? Confirm() =>
        FileLease.GiveBack(_archive) ? null : new InvalidDataException("the archive may have been changed while it was read: it couldn't be kept from being written to any longer");

    private bool MayGoOn()
    {
        lock (_lock)
        {
            while (!_stopping && _heldUntil > Environment.TickCount64 && !FileLease.IsWanted(_archive))
                Monitor.Wait(_lock, LookMilliseconds);
            return !_stopping;
        }
    }
}
