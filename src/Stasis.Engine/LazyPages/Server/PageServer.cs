using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Errors;
using Stasis.Engine.LazyPages.Memory;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Network;
using Stasis.Linux.Processes;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>
/// Supplies the memory of all copies of one checkpoint. One thread takes requests and events, and supplies pages that a thread waits for; others supply the rest
/// (<see cref="BackgroundLoader"/>). It ends when the memory of all copies is there. Should it be killed, the kernel would let the copies go on with zero in place of what is outstanding:
/// so a second process holds the descriptors too (<see cref="DescriptorTableKeeper"/>), until the copies have been killed.
/// </summary>
internal sealed class PageServer : IDisposable
{
    private const int NoteMilliseconds = 100;
    private const int RetryMilliseconds = 1;

    private readonly PageServerOptions _options;
    private readonly UnixSocket _control;
    private readonly EventLoop _loop = new();
    private readonly RequestListener _requests;
    private readonly List<LazyRestoreSession> _copies = [];
    private readonly Dictionary<AddressSpace, (LazyRestoreSession Copy, uint Number)> _spaces = [];
    private readonly List<(AddressSpace Space, ulong Address)> _again = [];
    private readonly List<ulong> _faults = [];
    private readonly FaultHistory _order;
    private readonly BackgroundLoader _background;
    private readonly ulong _startTime = PidFd.StartTime(Environment.ProcessId) ?? 0;
    private DescriptorTableKeeper _keeper;
    private MemoryImages? _images;
    private PagesBackfill? _fill;
    private Dictionary<int, TaskMemory> _tasks = [];
    private string? _unreadable;
    private long _noted;
    private int _pending;
    private bool _isFilling;

    public PageServer(PageServerOptions options, UnixSocket control)
    {
        (_options, _control) = (options, control);
        _order = new FaultHistory(options.Order);
        _background = new BackgroundLoader(options.Threads, (space, failure) => _loop.Post(() => End(space, failure?.Message)));
        _requests = new RequestListener(_loop, control, Begin);
        _keeper = StartKeeper();
        _ = _loop.Watch(_control.Handle, _requests.Accept);
    }

    /// <summary>Serves until there is nothing more to be served.</summary>
    public void Run()
    {
        ReadImages();
        do
        {
            _loop.RunOnce(_again.Count > 0 ? RetryMilliseconds : NoteMilliseconds);
            Retry();
            WriteRecords();
        }
        while (_copies.Count > 0 || _pending > 0 || _isFilling || !TryLeave());
    }

    public void Dispose()
    {
        _background.Dispose();
        _order.Save();
        _order.Dispose();
        foreach (var copy in _copies)
            copy.Dispose();
        _keeper.Dispose();
        _images?.Dispose();
        _fill?.Dispose();
        _control.Dispose();
        _loop.Dispose();
    }

    private void ReadImages()
    {
        try
        {
            _fill = _options.OpenFill?.Invoke();
            _images = new MemoryImages(_options.Images, file => _fill?.Find(file));
            _tasks = _images.Tasks.ToDictionary(task => task, task => TaskMemory.Read(_images, task));
            _isFilling = _fill is not null;
            _fill?.Start(_options.Threads, failure => _loop.Post(() => EndFill(failure)));
        }
        catch (Exception e) when (e is IOException or InvalidDataException or StasisException)
        {
            _unreadable = e.Message;
        }
    }

    // The checkpoint is whole, or it won't be: then no copy of it can be either.
    private void EndFill(Exception? failure)
    {
        if (failure is null)
        {
            Later(() => Task.Run(_options.OnBackfilled), () => _isFilling = false);
            return;
        }
        (_isFilling, _unreadable) = (false, failure.Message);
        foreach (var copy in _copies.ToArray())
            Lose(copy, failure.Message);
    }

    private DescriptorTableKeeper StartKeeper()
    {
        var keeper = DescriptorTableKeeper.Start(_options.KillOrphansCommand[0], [.. _options.KillOrphansCommand.Skip(1)]);
        uint number = 0;
        number = _loop.Watch(keeper.Ended, () =>
        {
            _loop.Unwatch(number, keeper.Ended);
            keeper.Dispose();
            _keeper = StartKeeper();
        });
        return keeper;
    }

    private void Begin(UnixSocket control, LazyPagesRequest request, UnixSocket listener)
    {
        var copy = new LazyRestoreSession(request, control, listener) { Total = _tasks.Values.Sum(task => task.Pages) };
        if (_unreadable is not null)
        {
            Answer(copy, _unreadable);
            copy.Dispose();
            return;
        }
        // An earlier life of the same container has nothing to say any more.
        foreach (var earlier in _copies.Where(other => other.Container == copy.Container))
            earlier.IsPast = true;
        _copies.Add(copy);
        _fill?.Pause();
        copy.WriteRecord(Environment.ProcessId, _startTime);
        Watch(copy, copy.Listener.Handle, () =>
        {
            if (copy.Criu is not null || copy.Listener.Accept() is not { } criu)
                return;
            copy.Criu = criu;
            Watch(copy, criu.Handle, () => Receive(copy));
        });
        Watch(copy, control.Handle, () =>
        {
            // Its restore has ended before CRIU was here. Later, it doesn't matter.
            Unwatch(copy, control.Handle);
            if (copy.Criu is null)
                Drop(copy);
        });
    }

    private void Receive(LazyRestoreSession copy)
    {
        try
        {
            copy.Receive((task, descriptor) => Add(copy, new AddressSpace(descriptor, MemoryOf(task))));
        }
        catch (InvalidDataException e)
        {
            Answer(copy, e.Message);
            Drop(copy);
            return;
        }
        if (!copy.Restored && !copy.Abandoned)
            return;
        Unwatch(copy, copy.Criu!.Handle);
        if (copy.Abandoned)
        {
            Answer(copy, "CRIU has ended without having restored the processes");
            Drop(copy);
            return;
        }
        Answer(copy, LazyPagesRequest.Restored);
        foreach (var space in copy.Spaces)
            _background.Add(space, _order.WindowsOf(space.Memory.Task));
        CompleteIfDone(copy);
    }

    private TaskMemory MemoryOf(int task) =>
        _tasks.TryGetValue(task, out var memory) ? memory : throw new InvalidDataException($"CRIU restores a task {task} that is in no image");

    private void Add(LazyRestoreSession copy, AddressSpace space)
    {
        copy.Spaces.Add(space);
        _spaces[space] = (copy, _loop.Watch(space.Descriptor.Handle, () => TakeEvents(copy, space)));
        if (copy.Restored)
            _background.Add(space, []);
    }

    private void TakeEvents(LazyRestoreSession copy, AddressSpace space)
    {
        var children = new List<AddressSpace>();
        _faults.Clear();
        space.TakeEvents(_faults, children);
        foreach (var child in children)
            Add(copy, child);
        foreach (var address in _faults)
            SupplyAt(space, address);
    }

    private void SupplyAt(AddressSpace space, ulong address)
    {
        try
        {
            var (outcome, page) = space.SupplyAt(address, FaultHistory.Window);
            if (page is { } touched)
                _order.Add(space.Memory.Task, touched);
            if (outcome == SupplyResult.Busy)
                _again.Add((space, address));
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException)
        {
            End(space, e.Message);
        }
    }

    private void Retry()
    {
        foreach (var (space, address) in _again.ToArray())
        {
            _again.Remove((space, address));
            if (_spaces.ContainsKey(space))
                SupplyAt(space, address);
        }
    }

    // All is there, or the process is gone, or it can't be supplied.
    private void End(AddressSpace space, string? failure)
    {
        if (!_spaces.TryGetValue(space, out var place))
            return;
        if (failure is not null)
        {
            Lose(place.Copy, failure);
            return;
        }
        // A child that is being forked has all its parent had a moment ago.
        TakeEvents(place.Copy, space);
        _loop.Unwatch(place.Number, space.Descriptor.Handle);
        _spaces.Remove(space);
        place.Copy.Spaces.Remove(space);
        space.Close();
        CompleteIfDone(place.Copy);
    }

    private void CompleteIfDone(LazyRestoreSession copy)
    {
        if (!copy.Restored || copy.Spaces.Count > 0)
            return;
        var isPast = copy.IsPast;
        Drop(copy);
        _order.Save();
        if (!isPast)
            Later(() => _options.OnComplete(copy.Container), () => { });
    }

    // Its descriptors stay open until it has been killed.
    private void Lose(LazyRestoreSession copy, string reason)
    {
        if (copy.IsLost)
            return;
        copy.IsLost = true;
        Later(() => _options.OnLost(copy.Container, reason), () =>
        {
            Answer(copy, reason);
            Drop(copy);
        });
    }

    private void Drop(LazyRestoreSession copy)
    {
        foreach (var (_, descriptor) in copy.Watches.ToArray())
            Unwatch(copy, descriptor);
        foreach (var space in copy.Spaces.Where(_spaces.ContainsKey))
        {
            _loop.Unwatch(_spaces[space].Number, space.Descriptor.Handle);
            _spaces.Remove(space);
        }
        if (!copy.IsPast)
            copy.Forget(Environment.ProcessId, _startTime);
        copy.Dispose();
        if (_copies.Remove(copy) && _copies.Count == 0)
            _fill?.GoOn();
    }

    private void Later(Func<Task> work, Action then)
    {
        _pending++;
        Task.Run(work).ContinueWith(done => _loop.Post(() =>
        {
            _pending--;
            then();
            done.GetAwaiter().GetResult();
        }), TaskScheduler.Default);
    }

    private static void Answer(LazyRestoreSession copy, string text)
    {
        try
        {
            copy.Control.Send(Encoding.UTF8.GetBytes(text));
            copy.Control.EndSending();
        }
        catch (LinuxException e) when (e.Errno is Errno.EPIPE or Errno.ECONNRESET or Errno.ENOTCONN)
        {
            // It was answered already, or who asked has ended: the container's own state tells.
            return;
        }
    }

    private void WriteRecords()
    {
        var now = Environment.TickCount64;
        if (now - _noted < NoteMilliseconds)
            return;
        _noted = now;
        foreach (var copy in _copies.Where(copy => !copy.IsPast))
            copy.WriteRecord(Environment.ProcessId, _startTime);
    }

    // Whoever connects holds the lock meanwhile.
    private bool TryLeave()
    {
        using var held = FileLock.TryAcquire(_options.Folder.Lock);
        if (held is null)
            return false;
        _requests.Accept();
        if (_loop.Watched > Standing)
            return false;
        File.Delete(_options.Folder.Log);
        File.Delete(_options.Folder.Control);
        return true;
    }

    // Control socket, keeper.
    private const int Standing = 2;

    private void Watch(LazyRestoreSession copy, SafeFileHandle descriptor, Action handle) => copy.Watches.Add((_loop.Watch(descriptor, handle), descriptor));

    private void Unwatch(LazyRestoreSession copy, SafeFileHandle descriptor)
    {
        var watch = copy.Watches.Find(watch => watch.Descriptor == descriptor);
        copy.Watches.Remove(watch);
        _loop.Unwatch(watch.Number, descriptor);
    }
}
