using System.Globalization;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Checkpoints.Preflight;

/// <summary>A process, as /proc shows it (proc_pid_status(5)).</summary>
internal sealed class ContainerProcess
{
    private readonly string _status;
    private readonly string _folder;

    private ContainerProcess(int pid, string folder, string status) => (Pid, _folder, _status) = (pid, folder, status);

    /// <summary>Its PID on this host.</summary>
    public int Pid { get; }

    /// <summary>Its name.</summary>
    public string Name => field ??= ProcStatus.Find(_status, "Name") ?? "";

    /// <summary>Its state, such as T for one that a signal has stopped.</summary>
    public char State => ProcStatus.Find(_status, "State") is [var state, ..] ? state : 'X';

    /// <summary>Whether it has ended, and only its parent doesn't know yet.</summary>
    public bool HasEnded => State is 'Z' or 'X';

    /// <summary>Its parent's PID.</summary>
    public int Parent => Number("PPid");

    /// <summary>How many threads it has.</summary>
    public int ThreadCount => Number("Threads");

    /// <summary>The folders of its threads in /proc; none if it has ended.</summary>
    public IReadOnlyList<string> Threads
    {
        get
        {
            try
            {
                return Directory.GetDirectories($"{_folder}/task");
            }
            catch (IOException)
            {
                return [];
            }
        }
    }

    /// <summary>Its memory that is in no file: bytes.</summary>
    public long MemoryBytes => 1024 * (Kilobytes("RssAnon") + Kilobytes("RssShmem") + Kilobytes("VmSwap"));

    /// <summary>Its user IDs: real, effective, saved and of file access.</summary>
    public IReadOnlyList<uint> Uids => Ids("Uid");

    /// <summary>Its group IDs, in the same order.</summary>
    public IReadOnlyList<uint> Gids => Ids("Gid");

    /// <summary>Its session, as each of its PID namespaces names it, the outermost first; 0 where that hasn't the leader.</summary>
    public IReadOnlyList<int> Sessions => [.. Ids("NSsid").Select(id => (int)id)];

    /// <summary>Its descriptors, which are read once.</summary>
    public IReadOnlyList<OpenDescriptor> Descriptors => field ??= ReadDescriptors();

    /// <summary>Its mappings as lines of text: /proc/PID/maps.</summary>
    public string Mappings => field ??= Read("maps");

    /// <summary>Reads a process; null if it has ended and was waited for.</summary>
    public static ContainerProcess? TryRead(int pid)
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
        return ProcFileReader.TryRead($"{folder}/status") is { Length: > 0 } status ? new ContainerProcess(pid, folder, status) : null;
    }

    /// <summary>What traces it, or one of its threads: a PID on this host; 0 if nothing does.</summary>
    public int FindTracer()
    {
        if (Number("TracerPid") is not 0 and var tracer)
            return tracer;
        if (ThreadCount < 2)
            return 0;
        return Threads.Select(ReadTracer).FirstOrDefault(pid => pid != 0);
    }

    /// <summary>Identifies one of its namespaces, such as "net:[4026531840]"; null if it has ended.</summary>
    public string? Namespace(string kind)
    {
        try
        {
            return new FileInfo($"{_folder}/ns/{kind}").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The path of a file in its folder of /proc.</summary>
    public string PathOf(string file) => $"{_folder}/{file}";

    /// <summary>The text of a file in its folder of /proc; empty if it has ended.</summary>
    public string Read(string file) => ProcFileReader.TryRead(PathOf(file)) ?? "";

    private static int ReadTracer(string thread) =>
        ProcFileReader.TryRead($"{thread}/status") is { } status && ProcStatus.Find(status, "TracerPid") is { } tracer
            ? int.Parse(tracer, CultureInfo.InvariantCulture)
            : 0;

    private List<OpenDescriptor> ReadDescriptors()
    {
        var found = new List<OpenDescriptor>();
        try
        {
            foreach (var link in new DirectoryInfo($"{_folder}/fd").EnumerateFileSystemInfos())
            {
                if (link.LinkTarget is { } target && int.TryParse(link.Name, CultureInfo.InvariantCulture, out var number))
                    found.Add(new OpenDescriptor(_folder, number, target));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return found; // it has ended
        }
        return found;
    }

    private int Number(string field) => (int)Kilobytes(field);

    // "1234 kB"
    private long Kilobytes(string field) =>
        ProcStatus.Find(_status, field) is { } text && long.TryParse(text.Split(' ')[0], CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;

    private uint[] Ids(string field) =>
        [.. (ProcStatus.Find(_status, field) ?? "").Split('\t', StringSplitOptions.RemoveEmptyEntries)
            .Select(id => uint.Parse(id, CultureInfo.InvariantCulture))];
}
