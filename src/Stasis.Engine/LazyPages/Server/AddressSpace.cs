using Stasis.Engine.LazyPages.Memory;
using Stasis.Linux;
using Stasis.Linux.Memory;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>
/// The memory of one process whose pages are supplied on demand. Any number of threads may supply pages; one takes the events. Taking an event shuts the others out: what an event
/// says holds from the instant it is taken, and a page that was supplied by what was true before it would bring back what the process has discarded.
/// (While an event waits to be taken, the kernel supplies nothing: EAGAIN.)
/// </summary>
internal sealed class AddressSpace : IDisposable
{
    private static readonly int PageSize = Pagemap.PageSize;

    private readonly UserFaultFd _descriptor;
    private readonly PageLocationIndex _placement;
    private readonly PageSet _there;
    private readonly ReaderWriterLockSlim _gate = new();
    private readonly UserFaultEvent[] _events = new UserFaultEvent[32];
    private int _outstanding;
    private bool _closed;

    /// <summary>The memory of a process as CRIU has restored it: none of its lazy pages are there.</summary>
    public AddressSpace(UserFaultFd descriptor, TaskMemory memory)
    {
        (_descriptor, Memory, _placement, _there, _outstanding) = (descriptor, memory, new PageLocationIndex(memory), new PageSet(memory.Pages), memory.Pages);
    }

    private AddressSpace(UserFaultFd descriptor, AddressSpace parent)
    {
        (_descriptor, Memory, _placement, _there) = (descriptor, parent.Memory, parent._placement.Copy(), parent._there.Copy());
        _outstanding = parent._outstanding;
        foreach (var (start, end) in Memory.WipedOnFork)
            Forget(_placement.Remove(start, end));
    }

    /// <summary>Where the pages come from.</summary>
    public TaskMemory Memory { get; }

    /// <summary>Readable when there are events.</summary>
    public UserFaultFd Descriptor => _descriptor;

    /// <summary>How many pages aren't there yet.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>
    /// Takes the events that have come: adds addresses that threads wait for to <paramref name="faults"/>, and children that were forked to
    /// <paramref name="children"/>. True if there were any.
    /// </summary>
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

    /// <summary>Supplies the page that a thread waits for, and the pages of its window that aren't there either. Gives its number, or null if it isn't the checkpoint's.</summary>
    public (SupplyResult Outcome, int? Page) SupplyAt(ulong address, int window)
    {
        address &= ~(ulong)(PageSize - 1);
        _gate.EnterReadLock();
        int? page;
        try
        {
            page = _closed ? null : _placement.PageAt(address);
            if (page is not { } known || _there.Has(known))
                return (_closed ? SupplyResult.Gone : Zero(address), null);
        }
        finally
        {
            _gate.ExitReadLock();
        }
        // The page itself first and alone, should the window end in another mapping.
        var first = page.Value / window * window;
        var outcome = SupplyPages(page.Value, 1);
        if (outcome == SupplyResult.Done)
            _ = SupplyPages(first, Math.Min(window, Memory.Pages - first));
        return (outcome, page);
    }

    /// <summary>Supplies pages that aren't there yet, of so many from one on.</summary>
    public SupplyResult SupplyPages(int page, int count)
    {
        var (most, notThere) = (count, -1);
        for (var end = page + count; page < end;)
        {
            page += _there.RunLength(page, end, isIn: true);
            if (page == end)
                break;
            _gate.EnterReadLock();
            try
            {
                if (_closed)
                    return SupplyResult.Gone;
                if (_placement.NextFrom(page) is not { } piece || piece.Page >= end)
                    break;
                page = piece.Page;
                var run = Memory.RunOf(page);
                var wanted = Math.Min(_there.RunLength(page, Math.Min(end, Math.Min(piece.EndPage, run.EndPage)), isIn: false), most);
                if (wanted == 0)
                    continue;
                var source = run.File.Source(run.Offset + (long)(page - run.Page) * PageSize, (long)wanted * PageSize);
                var (done, error) = _descriptor.Copy(piece.Address, source, (long)wanted * PageSize);
                switch (error)
                {
                    case Errno.None:
                        MarkPresent(page, (int)(done / PageSize));
                        most = count;
                        break;
                    case Errno.EEXIST:
                        _descriptor.Wake(piece.Address, PageSize);
                        MarkPresent(page, 1);
                        break;
                    case Errno.ENOENT when wanted > 1:
                        most = wanted / 2; // it goes over the end of a mapping
                        break;
                    // The first time, the process may just be moving it: then the kernel says Busy at the second try.
                    case Errno.ENOENT when notThere != page:
                        notThere = page;
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
    /// No longer supplies anything. To be called when all pages are there, with the last events taken, or when the process is gone: pages that are outstanding are zero
    /// from then on.
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
                Forget(_placement.Move(taken.Address, taken.To, taken.Length));
                _descriptor.Wake(taken.Address, taken.Length);
                break;
            default:
                Forget(_placement.Remove(taken.Address, taken.Address + (ulong)taken.Length));
                _descriptor.Wake(taken.Address, taken.Length); // who waits there looks again
                break;
        }
    }

    // What never belonged to the checkpoint, or was discarded, is zero. A page that was supplied and is missing again is so by means that have no event.
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

    private void MarkPresent(int page, int count) => Interlocked.Add(ref _outstanding, -_there.Add(page, count));

    private void Forget(List<PlacedPages> pieces)
    {
        foreach (var piece in pieces)
            MarkPresent(piece.Page, piece.Count);
    }
}
