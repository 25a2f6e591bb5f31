namespace Stasis.Linux.Processes;

/// <summary>The arguments of this process, byte for byte: .NET's are decoded, and lack what isn't UTF-8.</summary>
public static class ProgramArguments
{
    /// <summary>Reads them (/proc/self/cmdline); the first is the name that the program was started by.</summary>
    public static IReadOnlyList<byte[]> Read() => Parse(File.ReadAllBytes("/proc/self/cmdline"));

    /// <summary>Parses what proc_pid_cmdline(5) describes: strings that each end with a zero byte.</summary>
    public static IReadOnlyList<byte[]> Parse(ReadOnlySpan<byte> text)
    {
        var found = new List<byte[]>();
        while (text.Length > 0)
        {
            var end = text.IndexOf((byte)0) is >= 0 and var zero ? zero : text.Length;
            found.Add(text[..end].ToArray());
            text = text[Math.Min(end + 1, text.Length)..];
        }
        return found;
    }
}
