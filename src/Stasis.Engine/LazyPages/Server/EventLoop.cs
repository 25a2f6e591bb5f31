using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Events;

namespace Stasis.Engine.LazyPages.Server;

/// <summary>Calls handlers of descriptors that are readable, and actions that other threads post, on one thread.</summary>
internal sealed class EventLoop : IDisposable
{
    private readonly EventPoll _poll = new();
    private readonly EventDescriptor _wake = new();
    private readonly Dictionary<uint, Action> _handlers = [];
    private readonly ConcurrentQueue<Action> _posted = new();
    private uint _last;

    public EventLoop() => Watch(_wake.Handle, _wake.Clear);

    /// <summary>How many descriptors are watched, the loop's own excepted.</summary>
    public int Watched => _handlers.Count - 1;

    /// <summary>Waits for descriptors and posted actions, and calls what belongs to them.</summary>
    /// <param name="milliseconds">How long to wait at most.</param>
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

    /// <summary>Has an action called on the loop's thread. May be called on any thread.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        _wake.Set();
    }

    /// <summary>Calls <paramref name="handle"/> whenever the descriptor is readable.</summary>
    /// <returns>The number of the watch, for <see cref="Unwatch"/>.</returns>
    public uint Watch(SafeFileHandle descriptor, Action handle)
    {
        var number = ++_last;
        _poll.Add(descriptor, number);
        _handlers[number] = handle;
        return number;
    }

    /// <summary>Ends a watch. Does nothing if the watch has ended before.</summary>
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
