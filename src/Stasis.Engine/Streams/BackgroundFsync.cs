using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.Engine.Streams;

/// <summary>
/// Syncs a file to the disk while it is written, on a thread of its own, so that the fsync at the end has
/// little to wait for. Having the kernel start writing isn't enough: the disk has a cache, too, and emptying
/// it took half a second for 1 GiB. Synced pages leave the page cache, so that the next ones reuse their
/// memory: where a hypervisor hands out memory page by page, half a GiB of new memory took as long as
/// compressing it, and elsewhere cached files of other programs would have to make room. The writer never
/// waits for a slow disk, except at the end.
/// </summary>
/// <param name="file">The file, which stays open.</param>
internal sealed class BackgroundFsync(SafeFileHandle file) : IDisposable
{
    private const long Step = 32 << 20;

    private readonly AutoResetEvent _more = new(false);
    private Thread? _thread;
    private volatile Exception? _failure;
    private long _told;
    private volatile bool _ended;

    /// <summary>Reports that the file is written up to a position.</summary>
    /// <exception cref="LinuxException">Syncing failed earlier.</exception>
    public void Reached(long position)
    {
        Check();
        if (position - _told < Step)
            return;
        Volatile.Write(ref _told, position);
        if (_thread is null)
        {
            _thread = new Thread(Follow) { IsBackground = true, Name = "archive sync" };
            _thread.Start();
        }
        _more.Set();
    }

    /// <summary>Stops syncing; the caller's fsync completes it.</summary>
    /// <exception cref="LinuxException">Syncing failed. The kernel reports that once: a later fsync would succeed.</exception>
    public void Complete()
    {
        Dispose();
        Check();
    }

    public void Dispose()
    {
        _ended = true;
        if (_thread is not null)
        {
            _more.Set();
            _thread.Join();
            _thread = null;
        }
        _more.Dispose();
    }

    private void Follow()
    {
        try
        {
            var begin = 0L;
            do
            {
                _more.WaitOne();
                var end = Volatile.Read(ref _told);
                FileSync.SyncData(file);
                if (end > begin) // a length of 0 would mean everything that follows
                    FileSync.DropCached(file, begin, end - begin);
                begin = end;
            }
            while (!_ended);
        }
        catch (LinuxException e)
        {
            _failure = e;
        }
    }

    private void Check()
    {
        if (_failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }
}
