using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Linux.Files;

public sealed class FileLockTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

    private string LockPath => Path.Combine(_directory.FullName, "new", "lock");

    [Fact]
    public void An_exclusive_lock_has_one_holder()
    {
        using (var held = FileLock.TryAcquire(LockPath))
        {
            Assert.NotNull(held);
            Assert.Null(FileLock.TryAcquire(LockPath));
            Assert.Null(FileLock.TryAcquire(LockPath, shared: true));
        }

        FileLock.TryAcquire(LockPath)!.Dispose();
    }

    [Fact]
    public void A_shared_lock_has_many_holders()
    {
        using var first = FileLock.TryAcquire(LockPath, shared: true);
        using var second = FileLock.TryAcquire(LockPath, shared: true);
        Assert.NotNull(second);
        Assert.Null(FileLock.TryAcquire(LockPath));
    }

    [Fact]
    public async Task Waiting_ends_when_the_lock_is_released()
    {
        var held = FileLock.TryAcquire(LockPath)!;
        var waiting = FileLock.AcquireAsync(LockPath, false, TestContext.Current.CancellationToken);
        await KernelLocks.WaiterAsync(LockPath);
        Assert.False(waiting.IsCompleted);
        held.Dispose();
        (await waiting).Dispose();
    }

    [Fact]
    public async Task Whoever_waits_longest_is_the_first_to_get_it_and_who_comes_later_waits()
    {
        const int Waiters = 5;
        var order = new List<int>();
        var held = FileLock.TryAcquire(LockPath)!;
        var waiting = new List<Task>();
        for (var i = 0; i < Waiters; i++)
        {
            waiting.Add(AcquireAsync(i));
            await KernelLocks.QueueAsync(LockPath, i + 1);
        }
        // As one that does this again and again, which otherwise would always be the first.
        for (var i = 0; i < Waiters; i++)
        {
            held.Dispose();
            held = await FileLock.AcquireAsync(LockPath, false, TestContext.Current.CancellationToken);
            lock (order)
                order.Add(-1);
        }
        held.Dispose();
        await Task.WhenAll(waiting);
        Assert.Equal([0, 1, 2, 3, 4, -1, -1, -1, -1, -1], order);
        using (await FileLock.AcquireAsync(LockPath, false, TestContext.Current.CancellationToken))
            await KernelLocks.QueueAsync(LockPath, 0);

        async Task AcquireAsync(int number)
        {
            using (await FileLock.AcquireAsync(LockPath, false, TestContext.Current.CancellationToken))
            {
                lock (order)
                    order.Add(number);
            }
        }
    }

    [Fact]
    public async Task A_shared_lock_is_given_at_once_to_who_holds_one_though_another_waits_for_all()
    {
        using var held = FileLock.TryAcquire(LockPath, shared: true)!;
        var alone = FileLock.AcquireAsync(LockPath, false, TestContext.Current.CancellationToken);
        await KernelLocks.WaiterAsync(LockPath);
        (await FileLock.AcquireAsync(LockPath, true, TestContext.Current.CancellationToken)).Dispose();
        Assert.False(alone.IsCompleted);
        held.Dispose();
        (await alone).Dispose();
    }

    [Fact]
    public async Task A_cancelled_wait_never_keeps_the_lock()
    {
        using var source = new CancellationTokenSource();
        using (FileLock.TryAcquire(LockPath)!)
        {
            var waiting = FileLock.AcquireAsync(LockPath, false, source.Token);
            await KernelLocks.WaiterAsync(LockPath);
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }
        (await FileLock.AcquireAsync(LockPath, false, TestContext.Current.CancellationToken)).Dispose();
    }

    [Fact]
    public async Task A_child_that_inherits_the_lock_holds_it()
    {
        var held = FileLock.TryAcquire(LockPath)!;
        using var child = Spawn.Start(new SpawnOptions
        {
            Program = "sleep",
            Arguments = ["100"],
            Descriptors = new Dictionary<int, SafeFileHandle> { [3] = held.Inherit() },
        });
        held.Dispose();
        Assert.Null(FileLock.TryAcquire(LockPath));
        child.Signal(Signals.Kill);
        await child.WaitAsync(TestContext.Current.CancellationToken);
        FileLock.TryAcquire(LockPath)!.Dispose();
    }

    [Fact]
    public async Task A_removed_lock_guards_nothing_and_is_created_again()
    {
        var held = FileLock.TryAcquire(LockPath)!;
        var waiting = FileLock.AcquireAsync(LockPath, false, TestContext.Current.CancellationToken);
        await KernelLocks.WaiterAsync(LockPath); // it would create the file again
        held.Remove();
        Assert.False(File.Exists(LockPath));
        held.Dispose();
        using (await waiting)
        {
            Assert.True(File.Exists(LockPath));
            Assert.Null(FileLock.TryAcquire(LockPath));
        }
    }

    [Fact]
    public async Task A_lock_that_is_removed_repeatedly_has_one_holder()
    {
        var (inside, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                using var held = await FileLock.AcquireAsync(LockPath, false, TestContext.Current.CancellationToken);
                most = Math.Max(most, Interlocked.Increment(ref inside));
                await Task.Yield();
                Interlocked.Decrement(ref inside);
                held.Remove();
            }
        }, TestContext.Current.CancellationToken)));
        Assert.Equal(1, most);
        Assert.False(File.Exists(LockPath));
    }

    public void Dispose() => FileTree.Remove(_directory.FullName);
}
