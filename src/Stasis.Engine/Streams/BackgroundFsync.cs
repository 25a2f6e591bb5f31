using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.Engine.Streams;

/// <summary>
/// Brings a file to the disk while it is written, on a thread of its own that waits for the disk in the writer's place: little is left for the fsync at the end. It isn't enough to have the kernel
/// begin to write: the disk has a cache too, and emptying that of 1 GiB took half a second. What is on the disk leaves the page cache, so that what comes next finds memory that was used just now: where a
/// hypervisor gives out memory page by page, half a GiB of new memory took as long as its compression, and elsewhere other programs' files would have to make room for it. A disk that can't keep up isn't
/// waited for, but at the end.
/// </summary>
/// <param name="file">It stays open.</param>
internal sealed class BackgroundFsync(SafeFileHandle file) : IDisposable
{
    private const long Step = 32 << 20;

    private readonly AutoResetEvent _more = new(false);
    private Thread? _thread;
    private volatile Exception? _failure;
    private long _told;
    private volatile bool _ended;

    /// <summary>Told up to where the file is written.</summary>
    /// <exception cref="LinuxException">Something couldn't be written.</exception>
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

    /// <summary>Ends it. Little is left for the fsync at the end.</summary>
    /// <exception cref="LinuxException">Something couldn't be written. The kernel tells that once: an fsync that follows would succeed.</exception>
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
                if (end > begin) // none would mean all that follows
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
