using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Errors;
using Stasis.Engine.LazyPages.Memory;
using Stasis.Linux.Files;
using Stasis.Linux.Network;
using Stasis.Linux.Processes;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>
/// Supplies the memory of all copies of one checkpoint. One thread takes requests and events, and supplies the pages that threads
/// wait for; others supply the rest (<see cref="BackgroundPageSupplier"/>). The server ends when the memory of all copies is there. If
/// it is killed earlier, the kernel would let the copies go on with zeros in place of outstanding pages: so a second process
/// holds the descriptors too (<see cref="DescriptorKeeperProcess"/>), until the copies have been killed.
/// </summary>
internal sealed class PageServer : IDisposable
{
    private const int RecordMilliseconds = 100;
    private const int RetryMilliseconds = 1;

    // The control socket and the keeper are watched as long as the server runs.
    private const int PermanentWatches = 2;

    private readonly PageServerOptions _options;
    private readonly UnixSocket _control;
    private readonly EventLoop _loop = new();
    private readonly RequestListener _requests;
    private readonly List<LazyRestoreSession> _sessions = [];
    private readonly Dictionary<AddressSpace, (LazyRestoreSession Session, uint Number)> _spaces = [];
    private readonly List<(AddressSpace Space, ulong Address)> _retries = [];
    private readonly List<ulong> _faults = [];
    private readonly FaultHistory _history;
    private readonly BackgroundPageSupplier _background;
    private readonly ulong _startTime = PidFd.StartTime(Environment.ProcessId) ?? 0;
    private DescriptorKeeperProcess _keeper;
    private MemoryImages? _images;
    private ArchivePagesReader? _backfill;
    private Dictionary<int, LazyTaskMemory> _tasks = [];
    private string? _unreadable;
    private long _lastRecord;
    private int _runningTasks;
    private bool _isBackfilling;

    /// <summary>Starts the threads and the keeper.</summary>
    /// <param name="options">What the server works with.</param>
    /// <param name="control">The listening socket; the server closes it.</param>
    public PageServer(PageServerOptions options, UnixSocket control)
    {
        (_options, _control) = (options, control);
        _history = new FaultHistory(options.FaultHistory);
        _background = new BackgroundPageSupplier(options.Threads, (space, failure) => _loop.Post(() => EndSpace(space, failure?.Message)));
        _requests = new RequestListener(_loop, control, StartSession);
        _keeper = StartKeeper();
        _ = _loop.Watch(_control.Handle, _requests.Accept);
    }

    /// <summary>Serves until no session is left, the checkpoint is complete, and nobody asks any more.</summary>
    public void Run()
    {
        ReadImages();
        do
        {
            _loop.RunOnce(_retries.Count > 0 ? RetryMilliseconds : RecordMilliseconds);
            Retry();
            WriteRecords();
        }
        while (_sessions.Count > 0 || _runningTasks > 0 || _isBackfilling || !TryEnd());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _background.Dispose();
        _history.Save();
        _history.Dispose();
        foreach (var session in _sessions)
            session.Dispose();
        _keeper.Dispose();
        _images?.Dispose();
        _backfill?.Dispose();
        _control.Dispose();
        _loop.Dispose();
    }

    private void ReadImages()
    {
        try
        {
            _backfill = _options.OpenBackfill?.Invoke();
            _images = new MemoryImages(_options.Images, file => _backfill?.Find(file));
            _tasks = _images.Tasks.ToDictionary(task => task, task => LazyTaskMemory.Read(_images, task));
            _isBackfilling = _backfill is not null;
            _backfill?.Start(_options.Threads, failure => _loop.Post(() => EndBackfill(failure)));
        }
        catch (Exception e) when (e is IOException or InvalidDataException or StasisException)
        {
            _unreadable = e.Message;
        }
    }

    private void EndBackfill(Exception? failure)
    {
        if (failure is null)
        {
            RunInBackground(() => Task.Run(_options.OnBackfilled), () => _isBackfilling = false);
            return;
        }
        // No copy can be completed any more.
        (_isBackfilling, _unreadable) = (false, failure.Message);
        foreach (var session in _sessions.ToArray())
            Fail(session, failure.Message);
    }

    private DescriptorKeeperProcess StartKeeper()
    {
        var keeper = DescriptorKeeperProcess.Start(_options.KillOrphansCommand[0], [.. _options.KillOrphansCommand.Skip(1)]);
        uint number = 0;
        number = _loop.Watch(keeper.Ended, () =>
        {
            _loop.Unwatch(number, keeper.Ended);
            keeper.Dispose();
            _keeper = StartKeeper();
        });
        return keeper;
    }

    private void StartSession(UnixSocket control, PageServerRequest request, UnixSocket listener)
    {
        var session = new LazyRestoreSession(request, control, listener, _tasks.Values.Sum(task => task.Pages));
        if (_unreadable is not null)
        {
            session.Answer(_unreadable);
            session.Dispose();
            return;
        }
        foreach (var earlier in _sessions.Where(other => other.Container == session.Container))
            earlier.Supersede();
        _sessions.Add(session);
        if (_backfill is not null)
            _backfill.IsAwaited = true;
        _backfill?.Pause();
        session.WriteRecord(Environment.ProcessId, _startTime);
        Watch(session, listener.Handle, () =>
        {
            if (listener.Accept() is not { } criu)
                return;
            session.Connect(criu);
            Unwatch(session, listener.Handle);
            Watch(session, criu.Handle, () => Receive(session));
        });
        Watch(session, control.Handle, () =>
        {
            // The restore has ended. After CRIU has connected, that doesn't matter: CRIU's connection tells the outcome.
            Unwatch(session, control.Handle);
            if (session.State == SessionState.WaitingForCriu)
                Close(session);
        });
    }

    private void Receive(LazyRestoreSession session)
    {
        CriuProgress progress;
        try
        {
            progress = session.Criu!.Receive((task, descriptor) => Add(session, new AddressSpace(descriptor, FindMemory(task))));
        }
        catch (InvalidDataException e)
        {
            session.Answer(e.Message);
            Close(session);
            return;
        }
        switch (progress)
        {
            case CriuProgress.Disconnected:
                session.Answer("CRIU has ended before it had restored all processes");
                Close(session);
                break;
            case CriuProgress.Restored:
                Unwatch(session, session.Criu.Handle);
                session.StartSupplying();
                session.Answer(PageServerRequest.Restored);
                foreach (var space in session.Spaces)
                    _background.Add(space, _history.WindowsOf(space.Memory.Task));
                CloseIfComplete(session);
                break;
        }
    }

    private LazyTaskMemory FindMemory(int task) => _tasks.TryGetValue(task, out var memory)
        ? memory
        : throw new InvalidDataException($"CRIU restores a task {task} that is in no image");

    private void Add(LazyRestoreSession session, AddressSpace space)
    {
        session.Spaces.Add(space);
        _spaces[space] = (session, _loop.Watch(space.Descriptor.Handle, () => TakeEvents(session, space)));
        if (session.State == SessionState.Supplying)
            _background.Add(space, []);
    }

    private void TakeEvents(LazyRestoreSession session, AddressSpace space)
    {
        var children = new List<AddressSpace>();
        _faults.Clear();
        space.TakeEvents(_faults, children);
        foreach (var child in children)
            Add(session, child);
        foreach (var address in _faults)
            SupplyAt(space, address);
    }

    private void SupplyAt(AddressSpace space, ulong address)
    {
        try
        {
            var (outcome, page) = space.SupplyAt(address, FaultHistory.Window);
            if (page is { } touched)
                _history.Add(space.Memory.Task, touched);
            if (outcome == SupplyResult.Busy)
                _retries.Add((space, address));
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException)
        {
            EndSpace(space, e.Message);
        }
    }

    private void Retry()
    {
        foreach (var (space, address) in _retries.ToArray())
        {
            _retries.Remove((space, address));
            if (_spaces.ContainsKey(space))
                SupplyAt(space, address);
        }
    }

    // All pages are there, the process is gone, or pages can't be supplied.
    private void EndSpace(AddressSpace space, string? failure)
    {
        if (!_spaces.TryGetValue(space, out var place))
            return;
        if (failure is not null)
        {
            Fail(place.Session, failure);
            return;
        }
        // A child that is being forked right now has the pages that its parent had when it forked, and needs a watch of its own.
        TakeEvents(place.Session, space);
        _loop.Unwatch(place.Number, space.Descriptor.Handle);
        _spaces.Remove(space);
        place.Session.Spaces.Remove(space);
        space.Close();
        CloseIfComplete(place.Session);
    }

    private void CloseIfComplete(LazyRestoreSession session)
    {
        if (session.State != SessionState.Supplying || session.Spaces.Count > 0)
            return;
        var isSuperseded = session.IsSuperseded;
        Close(session);
        _history.Save();
        if (!isSuperseded)
            RunInBackground(() => _options.OnComplete(session.Container), () => { });
    }

    // The userfaultfds stay open until the container has been killed. What CRIU still sends stays in its socket, open as well.
    private void Fail(LazyRestoreSession session, string reason)
    {
        if (session.State is SessionState.Failed or SessionState.Closed)
            return;
        session.Fail();
        foreach (var (_, descriptor) in session.Watches.ToArray())
            Unwatch(session, descriptor);
        RunInBackground(() => _options.OnLost(session.Container, reason), () =>
        {
            session.Answer(reason);
            Close(session);
        });
    }

    private void Close(LazyRestoreSession session)
    {
        foreach (var (_, descriptor) in session.Watches.ToArray())
            Unwatch(session, descriptor);
        foreach (var space in session.Spaces.Where(_spaces.ContainsKey))
        {
            _loop.Unwatch(_spaces[space].Number, space.Descriptor.Handle);
            _spaces.Remove(space);
        }
        session.Close(Environment.ProcessId, _startTime);
        if (!_sessions.Remove(session) || _sessions.Count > 0 || _backfill is null)
            return;
        _backfill.IsAwaited = false;
        _backfill.Resume();
    }

    // Runs work on another thread, then a continuation on this one. The server doesn't end meanwhile; an exception of the work ends it.
    private void RunInBackground(Func<Task> work, Action then)
    {
        _runningTasks++;
        Task.Run(work).ContinueWith(done => _loop.Post(() =>
        {
            _runningTasks--;
            then();
            done.GetAwaiter().GetResult();
        }), TaskScheduler.Default);
    }

    private void WriteRecords()
    {
        var now = Environment.TickCount64;
        if (now - _lastRecord < RecordMilliseconds)
            return;
        _lastRecord = now;
        foreach (var session in _sessions)
            session.WriteRecord(Environment.ProcessId, _startTime);
    }

    // A restore holds the folder's lock while it connects.
    private bool TryEnd()
    {
        using var held = FileLock.TryAcquire(_options.Folder.Lock);
        if (held is null)
            return false;
        _requests.Accept();
        if (_loop.Watched > PermanentWatches)
            return false;
        _keeper.Dispose(); // nothing is outstanding, and what it runs would remove the socket of a server that comes after this
        File.Delete(_options.Folder.Log);
        File.Delete(_options.Folder.Control);
        return true;
    }

    private void Watch(LazyRestoreSession session, SafeFileHandle descriptor, Action handle) =>
        session.Watches.Add((_loop.Watch(descriptor, handle), descriptor));

    private void Unwatch(LazyRestoreSession session, SafeFileHandle descriptor)
    {
        var watch = session.Watches.Find(watch => watch.Descriptor == descriptor);
        session.Watches.Remove(watch);
        _loop.Unwatch(watch.Number, descriptor);
    }
}
