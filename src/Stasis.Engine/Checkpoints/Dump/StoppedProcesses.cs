using Stasis.Engine.Criu;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>
/// Processes that SIGSTOP or SIGTSTP has stopped, as a shell's job after Ctrl-Z. With v1's freezer, CRIU's ptrace(2) waits for ever for one
/// that is frozen as well: it has to leave its stop to be traced. So it gets SIGCONT while it is frozen, its image says that it is stopped,
/// and it gets SIGSTOP before it runs again. Its parent is told that it has continued and stopped.
/// </summary>
internal sealed class StoppedProcesses
{
    private const int Continue = 18, Stop = 19; // SIGCONT, SIGSTOP
    private const char Stopped = 'T'; // proc(5): not 't', which a tracer has stopped

    private readonly List<(int Pid, uint Inner)> _processes = [];

    /// <summary>Whether there are any.</summary>
    public bool Any => _processes.Count > 0;

    /// <summary>
    /// Adds the stopped ones of processes, before they are frozen: then they can't be told from others. Those that were found before stay:
    /// a SIGSTOP that they got since may not have stopped them yet.
    /// </summary>
    public void Find(IEnumerable<int> pids)
    {
        foreach (var pid in pids.Except(_processes.Select(process => process.Pid)).ToList())
        {
            try
            {
                if (ProcStat.TryRead(pid)?.State == Stopped)
                    _processes.Add((pid, ProcStatus.ReadInnerPid(pid)));
            }
            catch (IOException)
            {
                continue; // it has ended
            }
        }
    }

    /// <summary>Has CRIU find them, frozen, like others.</summary>
    public void MakeTraceable() => Signal(Continue);

    /// <summary>Stops them again. They are frozen, or run.</summary>
    public void StopAgain() => Signal(Stop);

    /// <summary>Forgets them: from now on, whoever continues them means it.</summary>
    public void Forget() => _processes.Clear();

    /// <summary>Records in their images that they are stopped.</summary>
    public void Record(string images)
    {
        foreach (var (_, inner) in _processes)
            CoreImage.SetStopped(images, inner, Stop);
    }

    /// <summary>Their PIDs on this host.</summary>
    public override string ToString() => string.Join(", ", _processes.Select(process => process.Pid));

    private void Signal(int signal)
    {
        foreach (var (pid, _) in _processes)
        {
            using var process = PidFd.Open(pid);
            process?.Signal(signal);
        }
    }
}
