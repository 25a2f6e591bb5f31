using System.Buffers;
using System.Text;

namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>
/// Reads files of /proc. A look reads thousands of them; <see cref="File.ReadAllText(string)"/> takes several times as long.
/// </summary>
internal static class ProcFileReader
{
    private const int FirstSize = 8192;

    /// <summary>The text of a file; null if the process or the thread has ended.</summary>
    public static string? TryRead(string path)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstSize);
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = 0;
            while (RandomAccess.Read(file, buffer.AsSpan(length), length) is > 0 and var read)
            {
                length += read;
                if (length == buffer.Length)
                    buffer = Grow(buffer);
            }
            return Encoding.UTF8.GetString(buffer, 0, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
