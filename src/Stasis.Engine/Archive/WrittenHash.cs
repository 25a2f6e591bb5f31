using System.Globalization;
using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Stasis.Linux;

namespace Stasis.Engine.Archive;

/// <summary>
/// Hashes a file while it is written from its beginning to its end, on a thread of its own that reads what is written back out of the page cache: parts that the kernel copies never come through
/// this process, and the writer waits for nothing.
/// </summary>
/// <param name="file">Open for reading too.</param>
internal sealed class WrittenHash(SafeFileHandle file) : IDisposable
{
    private const int Piece = 1 << 20;
    private const long WorthAThread = 4 << 20;

    private readonly Sha256 _hash = new();
    private readonly SemaphoreSlim _more = new(0);
    private Thread? _thread;
    private Exception? _failure;
    private long _written;
    private long _told;
    private long _hashed;
    private volatile bool _ended;

    /// <summary>Told up to where the file is written.</summary>
    public void Reached(long position)
    {
        Volatile.Write(ref _written, position);
        if (position < WorthAThread || position - _told < Piece)
            return;
        _told = position;
        if (_thread is null)
        {
            _thread = new Thread(Follow) { IsBackground = true, Name = "archive hash" };
            _thread.Start();
        }

        _more.Release();
    }

    /// <summary>"sha256:" and the hash of all that was written.</summary>
    public string Digest()
    {
        Dispose();
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
        HashTo(_written, untilEnded: false);
        return string.Create(CultureInfo.InvariantCulture, $"sha256:{Convert.ToHexStringLower(_hash.Finish())}");
    }

    public void Dispose()
    {
        _ended = true;
        _more.Release();
        _thread?.Join();
        _thread = null;
    }

    private void Follow()
    {
        try
        {
            while (!_ended)
            {
                _more.Wait();
                HashTo(Volatile.Read(ref _written), untilEnded: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _failure = e;
        }
    }

    private void HashTo(long end, bool untilEnded)
    {
        var buffer = new byte[Piece];
        while (_hashed < end && !(untilEnded && _ended))
        {
            var count = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(Piece, end - _hashed)), _hashed);
            if (count == 0)
                throw new EndOfStreamException("the file was truncated while it was written");
            _hash.Append(buffer.AsSpan(0, count));
            _hashed += count;
        }
    }
}
