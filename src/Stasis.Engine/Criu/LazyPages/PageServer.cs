using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux;

namespace Stasis.Engine.Criu.LazyPages;

/// <summary>
/// Supplies the memory of all copies of one checkpoint. One thread takes requests and events, and supplies pages that a thread waits for; others supply the rest
/// (<see cref="BackgroundSupply"/>). It ends when the memory of all copies is there. Should it be killed, the kernel would let the copies go on with zero in place of what is outstanding:
/// so a second process holds the descriptors too (<see cref="DescriptorKeeper"/>), until the copies have been killed.
/// </summary>
internal sealed class PageServer : IDisposable
{
    private const int NoteMilliseconds = 100;
    private const int RetryMilliseconds = 1;

    private readonly PageServerOptions _options;
    private readonly LocalSocket _control;
    private readonly EventPoll _poll = new();
    private readonly WakeSignal _wake = new();
    private readonly Dictionary<uint, Action> _handlers = [];
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly List<LazyCopy> _copies = [];
    private readonly Dictionary<AddressSpace, (LazyCopy Copy, uint Number)> _spaces = [];
    private readonly List<(AddressSpace Space, ulong Address)> _again = [];
    private readonly List<ulong> _faults = [];
    private readonly FaultOrder _order;
    private readonly BackgroundSupply _background;
    private readonly ulong _startTime = PidFd.StartTime(Environment.ProcessId) ?? 0;
    private DescriptorKeeper _keeper;
    private PageImages? _images;
    private Dictionary<int, TaskMemory> _tasks = [];
    private string? _unreadable;
    private long _noted;
    private int _pending;
    private uint _last;

    public PageServer(PageServerOptions options, LocalSocket control)
    {
        (_options, _control) = (options, control);
        _order = new FaultOrder(options.Order);
        _background = new BackgroundSupply(options.Threads, (space, failure) => Post(() => End(space, failure?.Message)));
        _keeper = StartKeeper();
        _ = Watch(_wake.Handle, _wake.Clear);
        _ = Watch(_control.Handle, AcceptRequests);
    }

    /// <summary>Serves until there is nothing more to be served.</summary>
    public void Run()
    {
        ReadImages();
        Span<uint> ready = stackalloc uint[64];
        do
        {
            var count = _poll.Wait(ready, _again.Count > 0 ? RetryMilliseconds : NoteMilliseconds);
            foreach (var number in ready[..count])
            {
                if (_handlers.TryGetValue(number, out var handle))
                    handle();
            }
            while (_posted.TryDequeue(out var action))
                action();
            Retry();
            Note();
        }
        while (_copies.Count > 0 || _pending > 0 || !TryLeave());
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
        _control.Dispose();
        _poll.Dispose();
        _wake.Dispose();
    }

    private void ReadImages()
    {
        try
        {
            _images = new PageImages(_options.Images);
            _tasks = _images.Tasks.ToDictionary(task => task, task => TaskMemory.Read(_images, task));
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            _unreadable = e.Message;
        }
    }

    private DescriptorKeeper StartKeeper()
    {
        var keeper = DescriptorKeeper.Start(_options.Bury[0], [.. _options.Bury.Skip(1)]);
        uint number = 0;
        number = Watch(keeper.Ended, () =>
        {
            Unwatch(number, keeper.Ended);
            keeper.Dispose();
            _keeper = StartKeeper();
        });
        return keeper;
    }

    private void AcceptRequests()
    {
        while (_control.Accept() is { } connection)
        {
            uint number = 0;
            var text = new MemoryStream();
            SafeFileHandle? listener = null;
            number = Watch(connection.Handle, () =>
            {
                var buffer = new byte[4096];
                while (connection.Receive(buffer, out var descriptor) is { } count)
                {
                    listener ??= descriptor;
                    text.Write(buffer, 0, count);
                    if (count == 0 || buffer[count - 1] == '\n')
                    {
                        Unwatch(number, connection.Handle);
                        Begin(connection, text.ToArray(), listener);
                        return;
                    }
                }
            });
        }
    }

    private void Begin(LocalSocket control, byte[] request, SafeFileHandle? listener)
    {
        if (request.Length == 0 || listener is null)
        {
            control.Dispose(); // who wanted to ask has ended
            return;
        }
        var copy = new LazyCopy(JsonSerializer.Deserialize(request, EngineJson.Default.LazyPagesRequest)!, control, new LocalSocket(listener))
        {
            Total = _tasks.Values.Sum(task => task.Pages),
        };
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
        copy.Note(Environment.ProcessId, _startTime);
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

    private void Receive(LazyCopy copy)
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
            _background.Add(space, _order.Of(space.Memory.Task));
        CompleteIfDone(copy);
    }

    private TaskMemory MemoryOf(int task) =>
        _tasks.TryGetValue(task, out var memory) ? memory : throw new InvalidDataException($"CRIU restores a task {task} that is in no image");

    private void Add(LazyCopy copy, AddressSpace space)
    {
        copy.Spaces.Add(space);
        _spaces[space] = (copy, Watch(space.Descriptor.Handle, () => TakeEvents(copy, space)));
        if (copy.Restored)
            _background.Add(space, []);
    }

    private void TakeEvents(LazyCopy copy, AddressSpace space)
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
            var (outcome, page) = space.SupplyAt(address, FaultOrder.Window);
            if (page is { } touched)
                _order.Add(space.Memory.Task, touched);
            if (outcome == Supply.Busy)
                _again.Add((space, address));
        }
        catch (Exception e) when (e is IOException or ArgumentException)
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
        Unwatch(place.Number, space.Descriptor.Handle);
        _spaces.Remove(space);
        place.Copy.Spaces.Remove(space);
        space.Close();
        CompleteIfDone(place.Copy);
    }

    private void CompleteIfDone(LazyCopy copy)
    {
        if (!copy.Restored || copy.Spaces.Count > 0)
            return;
        var isPast = copy.IsPast;
        Drop(copy);
        _order.Save();
        if (!isPast)
            Later(() => _options.Complete(copy.Container), () => { });
    }

    // Its descriptors stay open until it has been killed.
    private void Lose(LazyCopy copy, string reason)
    {
        if (copy.IsLost)
            return;
        copy.IsLost = true;
        Later(() => _options.Lost(copy.Container, reason), () =>
        {
            Answer(copy, reason);
            Drop(copy);
        });
    }

    private void Drop(LazyCopy copy)
    {
        foreach (var (_, descriptor) in copy.Watches.ToArray())
            Unwatch(copy, descriptor);
        foreach (var space in copy.Spaces.Where(_spaces.ContainsKey))
        {
            Unwatch(_spaces[space].Number, space.Descriptor.Handle);
            _spaces.Remove(space);
        }
        if (!copy.IsPast)
            copy.Forget(Environment.ProcessId, _startTime);
        copy.Dispose();
        _copies.Remove(copy);
    }

    private void Later(Func<Task> work, Action then)
    {
        _pending++;
        Task.Run(work).ContinueWith(done => Post(() =>
        {
            _pending--;
            then();
            done.GetAwaiter().GetResult();
        }), TaskScheduler.Default);
    }

    private static void Answer(LazyCopy copy, string text)
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

    private void Note()
    {
        var now = Environment.TickCount64;
        if (now - _noted < NoteMilliseconds)
            return;
        _noted = now;
        foreach (var copy in _copies.Where(copy => !copy.IsPast))
            copy.Note(Environment.ProcessId, _startTime);
    }

    // Whoever connects holds the lock meanwhile.
    private bool TryLeave()
    {
        using var held = FileLock.TryAcquire(_options.Folder.Lock);
        if (held is null)
            return false;
        AcceptRequests();
        if (_handlers.Count > Standing)
            return false;
        File.Delete(_options.Folder.Log);
        File.Delete(_options.Folder.Control);
        return true;
    }

    // Wake-up, control socket, keeper.
    private const int Standing = 3;

    private void Post(Action action)
    {
        _posted.Enqueue(action);
        _wake.Set();
    }

    private uint Watch(SafeFileHandle descriptor, Action handle)
    {
        var number = ++_last;
        _poll.Add(descriptor, number);
        _handlers[number] = handle;
        return number;
    }

    private void Watch(LazyCopy copy, SafeFileHandle descriptor, Action handle) => copy.Watches.Add((Watch(descriptor, handle), descriptor));

    private void Unwatch(LazyCopy copy, SafeFileHandle descriptor)
    {
        var watch = copy.Watches.Find(watch => watch.Descriptor == descriptor);
        copy.Watches.Remove(watch);
        Unwatch(watch.Number, descriptor);
    }

    private void Unwatch(uint number, SafeFileHandle descriptor)
    {
        if (_handlers.Remove(number))
            _poll.Remove(descriptor);
    }
}
