using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Events;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>One thread that does what there is to be done: what descriptors that it watches call for, and what other threads give it.</summary>
internal sealed class EventLoop : IDisposable
{
    private readonly EventPoll _poll = new();
    private readonly WakeSignal _wake = new();
    private readonly Dictionary<uint, Action> _handlers = [];
    private readonly ConcurrentQueue<Action> _posted = new();
    private uint _last;

    public EventLoop() => Watch(_wake.Handle, _wake.Clear);

    /// <summary>How many descriptors are watched, beside its own.</summary>
    public int Watched => _handlers.Count - 1;

    /// <summary>Waits until there is something to be done, and does it.</summary>
    public void RunOnce(int milliseconds)
    {
        Span<uint> ready = stackalloc uint[64];
        var count = _poll.Wait(ready, milliseconds);
        foreach (var number in ready[..count])
        {
            if (_handlers.TryGetValue(number, out var handle))
                handle();
        }
        while (_posted.TryDequeue(out var action))
            action();
    }

    /// <summary>Has something done on the loop's thread; for any thread.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        _wake.Set();
    }

    /// <summary>Calls <paramref name="handle"/> whenever the descriptor is readable; gives the number by which it is let go.</summary>
    public uint Watch(SafeFileHandle descriptor, Action handle)
    {
        var number = ++_last;
        _poll.Add(descriptor, number);
        _handlers[number] = handle;
        return number;
    }

    /// <summary>Watches it no longer. May be called again.</summary>
    public void Unwatch(uint number, SafeFileHandle descriptor)
    {
        if (_handlers.Remove(number))
            _poll.Remove(descriptor);
    }

    public void Dispose()
    {
        _poll.Dispose();
        _wake.Dispose();
    }
}
