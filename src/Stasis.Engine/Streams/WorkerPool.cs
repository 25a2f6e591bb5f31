using System.Collections.Concurrent;

namespace Stasis.Engine.Streams;

/// <summary>Threads that work off jobs in the order they come in; started as there is work for them. The pool's own may all be waiting for such a job to end.</summary>
internal sealed class WorkerPool(int size) : IDisposable
{
    private readonly BlockingCollection<Action> _jobs = [];
    private readonly List<Thread> _threads = [];

    /// <summary>As many as there are processors, as far as memory for their work stays small.</summary>
    public static int Size => Math.Clamp(Environment.ProcessorCount, 1, 8);

    /// <summary>Has a job done; it must not throw.</summary>
    public void Post(Action job)
    {
        _jobs.Add(job);
        if (_threads.Count == size)
            return;
        var thread = new Thread(Work) { IsBackground = true, Name = "crew" };
        _threads.Add(thread);
        thread.Start();
    }

    /// <summary>Lets the jobs that are posted be done.</summary>
    public void Dispose()
    {
        _jobs.CompleteAdding();
        _threads.ForEach(thread => thread.Join());
        _jobs.Dispose();
    }

    private void Work()
    {
        foreach (var job in _jobs.GetConsumingEnumerable())
            job();
    }
}
