using Stasis.Engine.LazyPages.Memory;
using Stasis.Linux;
using Stasis.Linux.Memory;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>
/// The memory of one process whose pages are supplied on demand. Any number of threads may supply pages; one takes the events.
/// While it takes an event, no other thread supplies pages: an event holds from the instant it is taken, and a page supplied by
/// what was true before would bring back what the process has discarded. (While an event is pending, the kernel supplies nothing:
/// EAGAIN.)
/// </summary>
internal sealed class AddressSpace : IDisposable
{
    private static readonly int PageSize = Pagemap.PageSize;

    private readonly UserFaultFd _descriptor;
    private readonly PageAddressIndex _locations;
    private readonly PageSet _present;
    private readonly ReaderWriterLockSlim _gate = new();
    private readonly UserFaultEvent[] _events = new UserFaultEvent[32];
    private int _outstanding;
    private bool _closed;

    /// <summary>The memory of a process as CRIU has restored it: all lazy pages are missing.</summary>
    public AddressSpace(UserFaultFd descriptor, LazyTaskMemory memory)
    {
        (_descriptor, Memory, _locations, _present) = (descriptor, memory, new PageAddressIndex(memory), new PageSet(memory.Pages));
        _outstanding = memory.Pages;
    }

    private AddressSpace(UserFaultFd descriptor, AddressSpace parent)
    {
        (_descriptor, Memory, _locations, _present) = (descriptor, parent.Memory, parent._locations.Copy(), parent._present.Copy());
        _outstanding = parent._outstanding;
        foreach (var (start, end) in Memory.WipedOnFork)
            Forget(_locations.Remove(start, end));
    }

    /// <summary>The checkpoint's pages of this process.</summary>
    public LazyTaskMemory Memory { get; }

    /// <summary>Readable when events are pending.</summary>
    public UserFaultFd Descriptor => _descriptor;

    /// <summary>How many pages are still to be supplied.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>Takes all pending events.</summary>
    /// <param name="faults">Gets the addresses that threads wait for.</param>
    /// <param name="children">Gets the address spaces of children that were forked.</param>
    /// <returns>Whether there were any events.</returns>
    public bool TakeEvents(ICollection<ulong> faults, ICollection<AddressSpace> children)
    {
        var taken = false;
        _gate.EnterWriteLock();
        try
        {
            while (!_closed && _descriptor.Read(_events) is > 0 and var count)
            {
                taken = true;
                foreach (var @event in _events.AsSpan(0, count))
                    Take(@event, faults, children);
            }
        }
        finally
        {
            _gate.ExitWriteLock();
        }
        return taken;
    }

    /// <summary>Supplies the page that a thread waits for, and the missing pages of its window.</summary>
    /// <param name="address">The address that the thread waits for.</param>
    /// <param name="window">Pages in a window.</param>
    /// <returns>The outcome, and the page's number; null if the page is not one of the checkpoint's.</returns>
    public (SupplyResult Outcome, int? Page) SupplyAt(ulong address, int window)
    {
        address &= ~(ulong)(PageSize - 1);
        _gate.EnterReadLock();
        int? page;
        try
        {
            page = _closed ? null : _locations.PageAt(address);
            if (page is not { } known || _present.Contains(known))
                return (_closed ? SupplyResult.Gone : Zero(address), null);
        }
        finally
        {
            _gate.ExitReadLock();
        }
        // The page first and alone: the rest of the window may lie in another mapping.
        var first = page.Value / window * window;
        var outcome = SupplyPages(page.Value, 1);
        if (outcome == SupplyResult.Done)
            _ = SupplyPages(first, Math.Min(window, Memory.Pages - first));
        return (outcome, page);
    }

    /// <summary>Supplies the missing ones of a range of pages.</summary>
    /// <param name="page">Number of the first page.</param>
    /// <param name="count">Pages in the range.</param>
    public SupplyResult SupplyPages(int page, int count)
    {
        var (most, unmapped) = (count, -1);
        for (var end = page + count; page < end;)
        {
            page += _present.RunLength(page, end, isIn: true);
            if (page == end)
                break;
            _gate.EnterReadLock();
            try
            {
                if (_closed)
                    return SupplyResult.Gone;
                if (_locations.NextFrom(page) is not { } placed || placed.Page >= end)
                    break;
                page = placed.Page;
                var run = Memory.RunOf(page);
                var last = Math.Min(end, Math.Min(placed.EndPage, run.EndPage));
                var wanted = Math.Min(_present.RunLength(page, last, isIn: false), most);
                if (wanted == 0)
                    continue;
                var source = run.File.Source(run.Offset + (long)(page - run.Page) * PageSize, (long)wanted * PageSize);
                var (done, error) = _descriptor.Copy(placed.Address, source, (long)wanted * PageSize);
                switch (error)
                {
                    case Errno.None:
                        MarkPresent(page, (int)(done / PageSize));
                        most = count;
                        break;
                    case Errno.EEXIST:
                        _descriptor.Wake(placed.Address, PageSize);
                        MarkPresent(page, 1);
                        break;
                    case Errno.ENOENT when wanted > 1:
                        most = wanted / 2; // the range goes over the end of a mapping
                        break;
                    // The process may be moving the page right now: then the kernel says EAGAIN at the second attempt.
                    case Errno.ENOENT when unmapped != page:
                        unmapped = page;
                        break;
                    case Errno.ENOENT:
                        MarkPresent(page, 1); // a mapping that the child of a fork didn't inherit
                        break;
                    case Errno.EAGAIN:
                        return SupplyResult.Busy;
                    case Errno.ESRCH or Errno.ENOSPC:
                        return SupplyResult.Gone;
                    default:
                        throw new LinuxException("supplying memory", null, error);
                }
            }
            finally
            {
                _gate.ExitReadLock();
            }
        }
        return SupplyResult.Done;
    }

    /// <summary>
    /// Closes the userfaultfd: outstanding pages are zero from then on. To be called when all pages are there and the last events have been
    /// taken, or when the process has ended.
    /// </summary>
    public void Close()
    {
        _gate.EnterWriteLock();
        try
        {
            _closed = true;
            _descriptor.Dispose();
        }
        finally
        {
            _gate.ExitWriteLock();
        }
    }

    public void Dispose()
    {
        Close();
        _gate.Dispose();
    }

    private void Take(in UserFaultEvent taken, ICollection<ulong> faults, ICollection<AddressSpace> children)
    {
        switch (taken.Kind)
        {
            case UserFaultKind.Missing:
                faults.Add(taken.Address);
                break;
            case UserFaultKind.Fork:
                children.Add(new AddressSpace(taken.Child!, this));
                break;
            case UserFaultKind.Move:
                Forget(_locations.Move(taken.Address, taken.To, taken.Length));
                _descriptor.Wake(taken.Address, taken.Length);
                break;
            default:
                Forget(_locations.Remove(taken.Address, taken.Address + (ulong)taken.Length));
                _descriptor.Wake(taken.Address, taken.Length); // threads that wait there look again
                break;
        }
    }

    // Memory that never belonged to the checkpoint, or was discarded, is zero. So is a page that was supplied and is missing
    // again: that has no event.
    private SupplyResult Zero(ulong address)
    {
        var error = _descriptor.Zero(address, PageSize).Error;
        if (error == Errno.EEXIST)
            _descriptor.Wake(address, PageSize);
        return error switch
        {
            Errno.None or Errno.EEXIST or Errno.ENOENT => SupplyResult.Done,
            Errno.EAGAIN => SupplyResult.Busy,
            Errno.ESRCH or Errno.ENOSPC => SupplyResult.Gone,
            _ => throw new LinuxException("supplying memory", null, error),
        };
    }

    private void MarkPresent(int page, int count) => Interlocked.Add(ref _outstanding, -_present.Add(page, count));

    // Pages that belong nowhere any more needn't be supplied.
    private void Forget(List<PageAddressRun> removed)
    {
        foreach (var pages in removed)
            MarkPresent(pages.Page, pages.Count);
    }
}
