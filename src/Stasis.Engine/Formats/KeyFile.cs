using System.Text;
using Stasis.Engine.Errors;
using Stasis.Linux.Files;

namespace Stasis.Engine.Formats;

/// <summary>Files with keys: small texts.</summary>
internal static class KeyFile
{
    private const int MaxSize = 1 << 20;

    /// <summary>One with secrets, which must be its owner's alone, as ssh has it.</summary>
    /// <exception cref="StasisException">It can't be read, or others may read it.</exception>
    public static string ReadSecret(string path, string what) => Read(path, what, secret: true);

    /// <summary>One without.</summary>
    /// <exception cref="StasisException">It can't be read.</exception>
    public static string Read(string path, string what) => Read(path, what, secret: false);

    private static string Read(string path, string what, bool secret)
    {
        try
        {
            using var file = File.OpenHandle(path);
            // What isn't a regular file, a shell's <(…) for one, is nobody's to read but its maker's.
            if (secret && FileStatus.Read(file) is { IsRegularFile: true, Permissions: var mode } && (mode & 0x3F /* 0077 */) != 0)
                throw new StasisException($"{what} {path}: others may read it (mode {Convert.ToString(mode, 8).PadLeft(4, '0')})") { Remedy = $"chmod 600 {path}" };
            using var stream = new FileStream(file, FileAccess.Read, bufferSize: 0);
            var content = new byte[MaxSize + 1];
            var size = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return size <= MaxSize
                ? Encoding.UTF8.GetString(content, 0, size)
                : throw new StasisException($"{what} {path}: it is longer than {MaxSize} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StasisException($"{what} {path}: {(Directory.Exists(path) ? "it is a folder" : FileFailure.Why(e))}", e) { Remedy = "check the path" };
        }
    }

    /// <summary>Its lines without those that are empty or comments (#), with their numbers.</summary>
    public static IEnumerable<(int Number, string Text)> Lines(string content) =>
        content.Split('\n').Select((line, index) => (index + 1, line.Trim())).Where(line => line.Item2.Length > 0 && line.Item2[0] != '#');
}
