using Stasis.Linux.Files;

namespace Stasis.Engine.Oci;

/// <summary>
/// Makes a later move of a process between cgroups fast. Each move waits for an RCU grace period, some 10 ms, but for those that follow
/// another within another period (kernel: rcu_sync_enter of cgroup_threadgroup_rwsem).
/// </summary>
internal static class CgroupMoveWarmup
{
    // The files for single threads, of v1 and of cgroup2. That for processes would gather all threads of this one in one cgroup.
    private static readonly string[] ThreadFiles = ["tasks", "cgroup.threads"];

    /// <summary>
    /// Begins to wait for that period, so that a move that comes later needn't: a thread of its own is moved to where it is. Doesn't block.
    /// </summary>
    public static void Begin() => new Thread(MoveNowhere) { IsBackground = true, Name = "cgroup" }.Start();

    private static void MoveNowhere()
    {
        try
        {
            if (CurrentCgroup.ReadAll(HostCgroups.Read()).FirstOrDefault(own => own.Hierarchy is not null) is { } cgroup)
                MoveThread(cgroup.Hierarchy + cgroup.Path);
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            // Cgroups are read-only, as in some containers, and nothing is moved there. Or cgroup2 takes no single threads: it says so
            // after it has waited.
            return;
        }
    }

    private static void MoveThread(string folder)
    {
        if (ThreadFiles.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } file)
            PseudoFileWriter.Write(file, Path.GetFileName(new FileInfo("/proc/thread-self").LinkTarget!)); // "PID/task/TID"
    }
}
