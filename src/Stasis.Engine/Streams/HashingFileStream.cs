using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Common;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Streams;

/// <summary>
/// Writes a file from its beginning to its end, and hashes it. Beyond a few MiB, data goes in blocks to one
/// thread that hashes and from there to another that writes; the caller waits only if many blocks are queued.
/// A third thread syncs the file (<see cref="BackgroundFsync"/>).
/// </summary>
/// <param name="file">An empty file, open for reading and writing. It stays open.</param>
internal sealed class HashingFileStream(SafeFileHandle file) : OneWayStream(writes: true), IFileCopyTarget
{
    /// <summary>The block size of most file systems: blocks are shared only if the places in both files are multiples of it.</summary>
    public const int Alignment = 4096;

    private const int BlockSize = 1 << 20;
    private const int MaxQueuedBlocks = 6;
    private const long ThreadThreshold = 4 << 20;

    private readonly Sha256 _hash = new();
    private readonly BackgroundFsync _sync = new(file);
    private readonly SemaphoreSlim _admitted = new(MaxQueuedBlocks);
    private readonly Stack<byte[]> _blocks = [];
    private readonly WorkerPool _hashing = new(1);
    private readonly WorkerPool _writing = new(1);
    private byte[]? _readBack;
    private byte[]? _block;
    private int _length;
    private long _begin; // of the block that is being filled
    private bool _shares = true;
    private bool _ended;
    private volatile Exception? _failure;

    private long Reached => _begin + _length;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var part = buffer[..Math.Min(buffer.Length, BlockSize - _length)];
            part.CopyTo(Block().AsSpan(_length));
            QueueBlock(part.Length);
            buffer = buffer[part.Length..];
        }
    }

    /// <summary>Copies from a file, or shares its blocks where the file system can and both places are multiples of their size.</summary>
    public int Copy(SafeFileHandle from, long offset, int most)
    {
        if (offset == 0)
            _shares = true; // another file may be on another file system
        if (_shares && most >= Alignment && (Reached | offset) % Alignment == 0 && (_shares = TryShare(from, offset, most)))
            return most;
        var count = RandomAccess.Read(from, Block().AsSpan(_length, Math.Min(most, BlockSize - _length)), offset);
        QueueBlock(count);
        return count;
    }

    /// <summary>
    /// Writes out all data. Returns "sha256:" and the hash of the file. The file isn't fsynced, but little is
    /// left to sync.
    /// </summary>
    /// <exception cref="IOException">Writing or syncing failed.</exception>
    public string Complete()
    {
        HandOver();
        End();
        Check();
        _sync.Complete();
        return Digests.Text(_hash.Finish());
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (!_ended)
            {
                _failure ??= new ObjectDisposedException(nameof(HashingFileStream)); // makes queued jobs do nothing
                End();
            }
            _sync.Dispose();
        }
        base.Dispose(disposing);
    }

    private void End()
    {
        _ended = true;
        _hashing.Dispose(); // before _writing, which its jobs post to
        _writing.Dispose();
        _admitted.Dispose();
    }

    private byte[] Block()
    {
        if (_block is not null)
            return _block;
        Admit();
        lock (_blocks)
            return _block = _blocks.TryPop(out var block) ? block : GC.AllocateUninitializedArray<byte>(BlockSize);
    }

    // Waits until fewer blocks are queued.
    private void Admit()
    {
        Check();
        _admitted.Wait();
        if (_failure is not null)
            _admitted.Release();
        Check();
    }

    private void QueueBlock(int count)
    {
        _length += count;
        if (_length == BlockSize)
            HandOver();
    }

    private void HandOver()
    {
        if (_block is not { } block)
            return;
        var (length, begin) = (_length, _begin);
        (_block, _length, _begin) = (null, 0, Reached);
        HashThenWrite(
            () => _hash.Append(block.AsSpan(0, length)),
            () =>
            {
                WriteOut(block.AsSpan(0, length), begin);
                lock (_blocks)
                    _blocks.Push(block);
                Done(begin + length);
            });
    }

    private void WriteOut(ReadOnlySpan<byte> bytes, long begin)
    {
        try
        {
            RandomAccess.Write(file, bytes, begin);
        }
        catch (ArgumentOutOfRangeException e)
        {
            // .NET throws this for EFBIG, for example at 4 GiB on FAT.
            throw new IOException("the file becomes larger than its file system can have", e);
        }
    }

    private void Done(long reached)
    {
        _sync.Reached(reached);
        _admitted.Release();
    }

    private bool TryShare(SafeFileHandle from, long offset, int count)
    {
        HandOver();
        var begin = _begin;
        if (!FileCopy.TryShareRange(from, offset, file, begin, count))
            return false;
        Admit();
        _begin += count;
        HashThenWrite(() => HashBack(begin, count), () => Done(begin + count));
        return true;
    }

    // Shared blocks don't pass through Write, so they are read back to be hashed.
    private void HashBack(long begin, int count)
    {
        var buffer = _readBack ??= GC.AllocateUninitializedArray<byte>(BlockSize);
        while (count > 0)
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(0, Math.Min(count, BlockSize)), begin);
            if (read == 0)
                throw new EndOfStreamException("the file was truncated while it was written");
            _hash.Append(buffer.AsSpan(0, read));
            begin += read;
            count -= read;
        }
    }

    private void HashThenWrite(Action hash, Action write)
    {
        if (_begin < ThreadThreshold)
        {
            hash();
            write();
            return;
        }

        Post(_hashing, () =>
        {
            hash();
            Post(_writing, write);
        });
    }

    private void Post(WorkerPool workers, Action job) => workers.Post(() =>
    {
        if (_failure is not null)
            return;
        try
        {
            job();
        }
        catch (Exception e)
        {
            _failure = e;
            _admitted.Release(); // so that a waiting writer sees the failure
        }
    });

    private void Check()
    {
        if (_failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }
}
