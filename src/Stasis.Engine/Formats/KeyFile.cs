using System.Text;
using Stasis.Engine.Errors;
using Stasis.Linux.Files;

namespace Stasis.Engine.Formats;

/// <summary>Reads files with keys: small texts.</summary>
internal static class KeyFile
{
    private const int MaxSize = 1 << 20;

    /// <summary>Reads a file with secrets, which nobody but its owner may have access to, as with ssh.</summary>
    /// <exception cref="StasisException">The file can't be read, or others have access to it.</exception>
    public static string ReadSecret(string path, string what) => Read(path, what, secret: true);

    /// <summary>Reads a file without secrets.</summary>
    /// <exception cref="StasisException">The file can't be read.</exception>
    public static string Read(string path, string what) => Read(path, what, secret: false);

    private static string Read(string path, string what, bool secret)
    {
        try
        {
            using var file = File.OpenHandle(path);
            // Only regular files have a mode that matters: a shell's <(…), for example, is private anyway.
            if (secret && FileStatus.Read(file) is { IsRegularFile: true, Permissions: var mode } && (mode & 0x3F /* 0077 */) != 0)
                throw new StasisException($"{what} {path}: others may read it (mode {Convert.ToString(mode, 8).PadLeft(4, '0')})")
                {
                    Remedy = $"chmod 600 {path}",
                };
            using var stream = new FileStream(file, FileAccess.Read, bufferSize: 0);
            var content = new byte[MaxSize + 1];
            var size = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return size <= MaxSize
                ? Encoding.UTF8.GetString(content, 0, size)
                : throw new StasisException($"{what} {path}: it is longer than {MaxSize} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StasisException(
                $"{what} {path}: {(Directory.Exists(path) ? "it is a folder" : FileErrorText.Why(e))}", e)
            { Remedy = "check the path" };
        }
    }

    /// <summary>The lines of a file with their numbers, without empty lines and comments (#).</summary>
    public static IEnumerable<(int Number, string Text)> Lines(string content) =>
        content.Split('\n').Select((line, index) => (index + 1, line.Trim())).Where(line => line.Item2.Length > 0 && line.Item2[0] != '#');
}
