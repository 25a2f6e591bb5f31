using System.Text;

namespace Stasis.Linux.Files;

/// <summary>Files of /proc, /sys and cgroups, which are no data but settings.</summary>
public static class PseudoFileWriter
{
    /// <summary>Sets a value, in one write(2). The file must exist.</summary>
    /// <exception cref="IOException">There is no such file, or it can't have the value.</exception>
    /// <exception cref="UnauthorizedAccessException">The value may not be set.</exception>
    public static void Write(string path, string value)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(handle, Encoding.ASCII.GetBytes(value), 0);
    }
}
