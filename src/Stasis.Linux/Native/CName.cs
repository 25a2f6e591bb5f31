using System.Buffers;

namespace Stasis.Linux.Native;

/// <summary>A name or path of raw bytes with a terminating zero, for C.</summary>
internal readonly ref struct CName : IDisposable
{
    private readonly byte[] _buffer;
    private readonly int _length;

    public CName(ReadOnlySpan<byte> name)
    {
        if (name.Contains((byte)0))
            throw new LinuxException("path", System.Text.Encoding.UTF8.GetString(name).Replace('\0', '?'), Errno.EINVAL);
        _buffer = ArrayPool<byte>.Shared.Rent(name.Length + 1);
        name.CopyTo(_buffer);
        _buffer[name.Length] = 0;
        _length = name.Length + 1;
    }

    public ReadOnlySpan<byte> Terminated => _buffer.AsSpan(0, _length);

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);
}
