using System.Globalization;

namespace Stasis.Linux.Processes;

/// <summary>The fields of /proc/PID/stat (proc_pid_stat(5)) that follow the program's name.</summary>
public readonly struct ProcStat
{
    private const int FirstField = 3; // the state

    private readonly string[] _fields;

    private ProcStat(string[] fields) => _fields = fields;

    /// <summary>The state: 'R' runs, 'S' and 'D' wait, 'T' is stopped, 'Z' and 'X' have ended.</summary>
    public char State => _fields[0][0];

    /// <summary>Whether the process has ended, though its parent may not have waited for it.</summary>
    public bool HasEnded => State is 'Z' or 'X';

    /// <summary>A number.</summary>
    /// <param name="field">The field's number in proc_pid_stat(5): 4 is the parent's PID.</param>
    public long this[int field] => long.Parse(_fields[field - FirstField], CultureInfo.InvariantCulture);

    /// <summary>Parses the content of the file. The second field is the program's name in parentheses, which may contain any.</summary>
    public static ProcStat Parse(string text) => new(text[(text.LastIndexOf(')') + 2)..].Split(' '));

    /// <summary>Reads the file of a process, or of a thread; null if it has ended and its parent has waited for it.</summary>
    /// <param name="folder">Its folder in /proc.</param>
    public static ProcStat? TryRead(string folder)
    {
        try
        {
            return Parse(File.ReadAllText(Path.Combine(folder, "stat")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>As <see cref="TryRead(string)"/>, of a process in this PID namespace.</summary>
    public static ProcStat? TryRead(int pid) => TryRead(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}"));
}
