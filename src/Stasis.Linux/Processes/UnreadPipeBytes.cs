using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>Pipes of other processes, examined through /proc.</summary>
public static unsafe class UnreadPipeBytes
{
    /// <summary>How many bytes are in the pipes that a process has open for reading. 0 if the process has ended.</summary>
    public static long Unread(int pid)
    {
        var unread = 0L;
        try
        {
            foreach (var descriptor in Directory.EnumerateFiles($"/proc/{pid}/fd"))
            {
                var isPipe = new FileInfo(descriptor).LinkTarget?.StartsWith("pipe:", StringComparison.Ordinal) == true;
                if (isPipe && IsForReading(pid, Path.GetFileName(descriptor)))
                    unread += Unread(descriptor);
            }
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            return 0; // the process has ended, or has closed the descriptor
        }
        return unread;
    }

    private static long Unread(string path)
    {
        // Without O_NONBLOCK, opening a pipe blocks until it has a writer.
        using var pipe = Libc.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0);
        int bytes;
        return !pipe.IsInvalid && Libc.ioctl(pipe, Libc.FIONREAD, &bytes) == 0 ? bytes : 0;
    }

    // fdinfo: "flags:\t0100000", octal, the access mode in the lowest two bits (proc(5)).
    private static bool IsForReading(int pid, string descriptor)
    {
        var flags = File.ReadLines($"/proc/{pid}/fdinfo/{descriptor}").First(line => line.StartsWith("flags:", StringComparison.Ordinal));
        return (Convert.ToInt64(flags["flags:".Length..].Trim(), 8) & 3) == Libc.O_RDONLY;
    }
}
