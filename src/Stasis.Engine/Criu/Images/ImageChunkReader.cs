using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.Criu.Images;

/// <summary>An image file that is read from front to back, a chunk at a time. What was taken stays valid: chunks are not used again.</summary>
internal sealed class ImageChunkReader : IDisposable
{
    private const int ChunkSize = 1 << 18;

    private readonly SafeFileHandle? _file;
    private ReadOnlyMemory<byte> _chunk;

    /// <summary>A file.</summary>
    public ImageChunkReader(string path)
    {
        _file = File.OpenHandle(path);
        Length = RandomAccess.GetLength(_file);
    }

    /// <summary>What is in memory already.</summary>
    public ImageChunkReader(ReadOnlyMemory<byte> whole) => (_chunk, Length) = (whole, whole.Length);

    public long Length { get; }

    public long Position { get; private set; }

    public bool AtEnd => Position == Length;

    /// <summary>The next bytes; false if the file has fewer.</summary>
    public bool TryTake(int count, out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        if (count > Length - Position)
            return false;
        if (count > _chunk.Length && !Fill(count))
            return false;
        bytes = _chunk[..count];
        _chunk = _chunk[count..];
        Position += count;
        return true;
    }

    /// <summary>Passes over bytes without reading them; false if the file has fewer.</summary>
    public bool TrySkip(ulong count)
    {
        if (count > (ulong)(Length - Position))
            return false;
        _chunk = count < (ulong)_chunk.Length ? _chunk[(int)count..] : default;
        Position += (long)count;
        return true;
    }

    public void Dispose() => _file?.Dispose();

    private bool Fill(int least)
    {
        if (_file is null)
            return false;
        var chunk = new byte[Math.Max(least, (int)Math.Min(ChunkSize, Length - Position))];
        var got = 0;
        for (int read; got < chunk.Length && (read = RandomAccess.Read(_file, chunk.AsSpan(got), Position + got)) > 0; got += read)
        {
        }
        _chunk = chunk.AsMemory(0, got);
        return got >= least; // else it was cut while it was read
    }
}
