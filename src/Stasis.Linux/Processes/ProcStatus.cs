using System.Globalization;

namespace Stasis.Linux.Processes;

/// <summary>Files of /proc whose lines have the form "Name:\tvalue", as /proc/PID/status (proc_pid_status(5)).</summary>
public static class ProcStatus
{
    /// <summary>The value of the first field of that name, without the blanks around it; null if there is none.</summary>
    public static string? Find(string text, string name)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.Length > name.Length && line[name.Length] == ':' && line.StartsWith(name, StringComparison.Ordinal))
                return line[(name.Length + 1)..].Trim().ToString();
        }
        return null;
    }

    /// <summary>The PID that a process has in its own PID namespace, in which CRIU names its images.</summary>
    /// <param name="pid">Its PID here.</param>
    /// <exception cref="IOException">The process has ended.</exception>
    public static uint ReadInnerPid(int pid) =>
        InnerPid(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status")));

    /// <summary>The ID that a process or a thread has in its own PID namespace, in which CRIU names its images.</summary>
    /// <param name="status">Its file "status".</param>
    public static uint InnerPid(string status)
    {
        var pids = Find(status, "NSpid");
        return uint.Parse(pids is null ? "" : pids[(pids.LastIndexOf('\t') + 1)..], CultureInfo.InvariantCulture);
    }
}
