using System.Runtime.ExceptionServices;
using Stasis.Engine.Common;
using Stasis.Linux.Processes;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>
/// Supplies the pages that no thread waits for, on several threads: first those that earlier copies touched first, then the rest by number.
/// Address spaces take turns.
/// </summary>
internal sealed class BackgroundPageSupplier : IDisposable
{
    /// <summary>
    /// Pages that are supplied at once: 1 MiB. Measured: 4 MiB is no faster, and holds up events longer; 256 KiB takes a fifth
    /// longer.
    /// </summary>
    public const int Block = 256;

    private const int Nice = 5;

    // A pending event is taken within microseconds, unless its process is frozen.
    private const int BusyMilliseconds = 1;

    private readonly object _lock = new();
    private readonly LinkedList<Work> _works = [];
    private readonly List<Thread> _threads = [];
    private readonly Action<AddressSpace, Exception?> _ended;
    private bool _stopping;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">How many.</param>
    /// <param name="ended">
    /// Called on one of the threads when all pages of an address space are there or its process has ended; with an exception if
    /// pages can't be supplied.
    /// </param>
    public BackgroundPageSupplier(int threads, Action<AddressSpace, Exception?> ended)
    {
        _ended = ended;
        for (var i = 0; i < threads; i++)
        {
            var thread = new Thread(Run) { IsBackground = true, Name = "background loader" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>Starts to supply an address space, with these windows first.</summary>
    public void Add(AddressSpace space, IReadOnlyList<int> windows)
    {
        var work = new Work(space, windows);
        if (work.IsDone)
        {
            _ended(space, null); // the task has no lazy pages
            return;
        }
        lock (_lock)
        {
            _works.AddLast(work);
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
    }

    private void Run()
    {
        Niceness.Set(Nice); // the restored processes come first
        lock (_threads)
            FaultPoint.Hit("pages.background");
        while (Next() is { } next)
        {
            var (work, page, count) = next;
            SupplyResult outcome;
            ExceptionDispatchInfo? failure = null;
            try
            {
                outcome = work.Space.SupplyPages(page, count);
            }
            catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException)
            {
                (outcome, failure) = (SupplyResult.Gone, ExceptionDispatchInfo.Capture(e));
            }
            if (Finish(work, page, count, outcome))
                _ended(work.Space, failure?.SourceException);
        }
    }

    private (Work Work, int Page, int Count)? Next()
    {
        lock (_lock)
        {
            while (!_stopping)
            {
                var (now, waiting) = (Environment.TickCount64, false);
                for (var node = _works.First; node is not null; node = node.Next)
                {
                    var work = node.Value;
                    if (work.BusyUntil > now)
                    {
                        waiting = true;
                    }
                    else if (work.Take() is { } part)
                    {
                        _works.Remove(node);
                        _works.AddLast(node);
                        return (work, part.Page, part.Count);
                    }
                }
                Monitor.Wait(_lock, waiting ? BusyMilliseconds : Timeout.Infinite);
            }
            return null;
        }
    }

    // Whether this was the last of the space's work.
    private bool Finish(Work work, int page, int count, SupplyResult outcome)
    {
        lock (_lock)
        {
            work.Running--;
            if (outcome == SupplyResult.Busy)
            {
                work.Retries.Push((page, count));
                work.BusyUntil = Environment.TickCount64 + BusyMilliseconds;
            }
            else if (outcome == SupplyResult.Gone)
            {
                work.IsOver = true;
            }
            return (work.IsOver || work.IsDone) && work.Running == 0 && _works.Remove(work);
        }
    }

    /// <summary>What is left to supply of one address space.</summary>
    private sealed class Work(AddressSpace space, IReadOnlyList<int> windows)
    {
        private int _window;
        private int _page;

        public AddressSpace Space => space;

        public Stack<(int Page, int Count)> Retries { get; } = new();

        public long BusyUntil { get; set; }

        public int Running { get; set; }

        public bool IsOver { get; set; }

        public bool IsDone => Retries.Count == 0 && _window == windows.Count && _page >= space.Memory.Pages;

        public (int Page, int Count)? Take()
        {
            if (IsOver || IsDone)
                return null;
            Running++;
            if (Retries.TryPop(out var part))
                return part;
            while (_window < windows.Count)
            {
                var page = windows[_window++] * FaultHistory.Window;
                if (page < space.Memory.Pages)
                    return (page, Math.Min(FaultHistory.Window, space.Memory.Pages - page));
            }
            var first = _page;
            _page = Math.Min(first + Block, space.Memory.Pages);
            return (first, _page - first);
        }
    }
}
