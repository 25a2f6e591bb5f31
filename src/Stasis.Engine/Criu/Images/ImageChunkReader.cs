using Microsoft.Win32.SafeHandles;

namespace Stasis.Engine.Criu.Images;

/// <summary>Reads an image file from front to back, a chunk at a time. Bytes that were taken stay valid: chunks are not reused.</summary>
internal sealed class ImageChunkReader : IDisposable
{
    private const int ChunkSize = 1 << 18;

    private readonly SafeFileHandle? _file;
    private ReadOnlyMemory<byte> _chunk;

    /// <summary>Opens a file.</summary>
    public ImageChunkReader(string path)
    {
        _file = File.OpenHandle(path);
        Length = RandomAccess.GetLength(_file);
    }

    /// <summary>Reads an image in memory.</summary>
    public ImageChunkReader(ReadOnlyMemory<byte> image) => (_chunk, Length) = (image, image.Length);

    public long Length { get; }

    public long Position { get; private set; }

    public bool AtEnd => Position == Length;

    /// <summary>Takes the next bytes. False if the file has fewer left.</summary>
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

    /// <summary>Skips bytes without reading them. False if the file has fewer left.</summary>
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
        return got >= least; // fewer if the file was truncated meanwhile
    }
}
