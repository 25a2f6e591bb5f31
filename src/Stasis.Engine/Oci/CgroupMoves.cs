namespace Stasis.Engine.Oci;

/// <summary>
/// Moves of processes between cgroups. Each waits for an RCU grace period, some 10 ms, but for those that follow another within another
/// period (kernel: rcu_sync_enter of cgroup_threadgroup_rwsem).
/// </summary>
internal static class CgroupMoves
{
    /// <summary>
    /// Begins to wait for that period, so that a move that comes later needn't: this process is moved to where it is. Doesn't block.
    /// </summary>
    public static void Anticipate() => new Thread(MoveNowhere) { IsBackground = true, Name = "cgroup" }.Start();

    private static void MoveNowhere()
    {
        try
        {
            if (OwnCgroup.ReadAll(HostCgroups.Read()).FirstOrDefault(own => own.Hierarchy is not null) is { } cgroup)
                Cgroup.Move(Environment.ProcessId, cgroup.Hierarchy + cgroup.Path);
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            return; // read-only cgroups, as in some containers: nothing is moved there
        }
    }
}
