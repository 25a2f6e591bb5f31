namespace Stasis.Engine.LazyPages.Memory;

/// <summary>
/// Where in a process's memory the checkpoint's pages belong: at first where they were in the dump, until the process moves or unmaps them.
/// A page that was unmapped or discarded belongs nowhere: where it was, memory is zero or not mapped.
/// </summary>
internal sealed class PageAddressIndex
{
    private readonly List<PageAddressRun> _byAddress;
    private readonly List<PageAddressRun> _byPage;

    /// <summary>All pages are where they were in the dump.</summary>
    public PageAddressIndex(LazyTaskMemory memory)
    {
        _byPage = [];
        foreach (var run in memory.Runs)
        {
            if (_byPage is [.., var last] && last.End == run.Address)
                _byPage[^1] = last with { Count = last.Count + run.Count };
            else
                _byPage.Add(new PageAddressRun(run.Address, run.Page, run.Count));
        }
        _byAddress = [.. _byPage];
    }

    private PageAddressIndex(PageAddressIndex other) => (_byAddress, _byPage) = ([.. other._byAddress], [.. other._byPage]);

    /// <summary>All pages that belong anywhere, by address.</summary>
    public IReadOnlyList<PageAddressRun> Placed => _byAddress;

    /// <summary>The number of the page that belongs at an address; null if none does.</summary>
    public int? PageAt(ulong address)
    {
        var i = FirstAfter(address);
        return i < _byAddress.Count && _byAddress[i].Address <= address ? _byAddress[i].Part(address, address).Page : null;
    }

    /// <summary>
    /// The first page with that number or a higher one that belongs anywhere, with those that follow it in memory; null if none
    /// does.
    /// </summary>
    public PageAddressRun? NextFrom(int page)
    {
        var i = FirstFrom(page);
        if (i == _byPage.Count)
            return null;
        return _byPage[i].Page >= page ? _byPage[i] : _byPage[i].From(page);
    }

    /// <summary>Removes the pages of a range of addresses: they belong nowhere any more.</summary>
    /// <returns>The pages that were removed.</returns>
    public List<PageAddressRun> Remove(ulong address, ulong end)
    {
        var taken = new List<PageAddressRun>();
        var first = FirstAfter(address);
        var i = first;
        var rest = new List<PageAddressRun>(2);
        for (; i < _byAddress.Count && _byAddress[i].Address < end; i++)
        {
            var piece = _byAddress[i];
            var (from, to) = (Math.Max(piece.Address, address), Math.Min(piece.End, end));
            _byPage.RemoveAt(FirstFrom(piece.Page));
            taken.Add(piece.Part(from, to));
            if (piece.Address < from)
                rest.Add(piece.Part(piece.Address, from));
            if (to < piece.End)
                rest.Add(piece.Part(to, piece.End));
        }
        _byAddress.RemoveRange(first, i - first);
        _byAddress.InsertRange(first, rest);
        foreach (var piece in rest)
            _byPage.Insert(FirstFrom(piece.Page), piece);
        return taken;
    }

    /// <summary>Moves the pages of a range of addresses. Pages that belonged to the target range are removed.</summary>
    /// <returns>The pages that were removed.</returns>
    public List<PageAddressRun> Move(ulong from, ulong to, long length)
    {
        var moved = Remove(from, from + (ulong)length);
        var gone = Remove(to, to + (ulong)length);
        foreach (var piece in moved.Select(piece => piece with { Address = piece.Address - from + to }))
        {
            _byAddress.Insert(FirstAfter(piece.Address), piece);
            _byPage.Insert(FirstFrom(piece.Page), piece);
        }
        return gone;
    }

    /// <summary>A copy, for a child that was forked.</summary>
    public PageAddressIndex Copy() => new(this);

    private int FirstAfter(ulong address)
    {
        var (low, high) = (0, _byAddress.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_byAddress[middle].End <= address)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private int FirstFrom(int page)
    {
        var (low, high) = (0, _byPage.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_byPage[middle].EndPage <= page)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
