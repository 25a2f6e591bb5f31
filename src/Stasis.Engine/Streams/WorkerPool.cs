using System.Collections.Concurrent;

namespace Stasis.Engine.Streams;

/// <summary>
/// Threads that run jobs in the order they are posted, started on demand. The .NET thread pool isn't used:
/// all of its threads may be waiting for such a job.
/// </summary>
internal sealed class WorkerPool(int size) : IDisposable
{
    private readonly BlockingCollection<Action> _jobs = [];
    private readonly List<Thread> _threads = [];

    /// <summary>The size of a pool for CPU-bound jobs: one thread a processor, at most 8 to limit memory.</summary>
    public static int Size => Math.Clamp(Environment.ProcessorCount, 1, 8);

    /// <summary>Queues a job, which must not throw.</summary>
    public void Post(Action job)
    {
        _jobs.Add(job);
        if (_threads.Count == size)
            return;
        var thread = new Thread(Work) { IsBackground = true, Name = "worker" };
        _threads.Add(thread);
        thread.Start();
    }

    /// <summary>Waits for the posted jobs.</summary>
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
