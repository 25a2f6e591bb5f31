namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// Processes in namespaces of their own, as those of a sandbox or of a container in the container. CRIU takes only nested mount and network
/// namespaces (CRIU 4.2, criu/include/namespaces.h: CLONE_SUBNS), and the latter not with runc, which has it leave the network alone
/// (criu/net.c: "more than one netns if the --emptyns is set"). One that CRIU itself is in counts as no nested one.
/// </summary>
internal static class NamespaceCheck
{
    private const string Kind = "nested-namespace", Network = "net";
    private static readonly string[] Single = ["pid", "user", "ipc", "uts", "cgroup"];

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        if (context.First is not { } first || ContainerProcess.TryRead(Environment.ProcessId) is not { } self)
            return [];
        string[] kinds = context.IsRunc ? [.. Single, Network] : Single;
        var known = kinds.ToDictionary(kind => kind, kind => new[] { first.Namespace(kind), self.Namespace(kind), null });
        return
            from process in context.Processes.Dumped
            where process != first
            let nested = kinds.Where(kind => !known[kind].Contains(process.Namespace(kind))).ToList()
            where nested.Count > 0
            select new PreflightFinding
            {
                Severity = context.CriuLimit,
                Kind = Kind,
                Pid = process.Pid,
                Process = process.Name,
                Path = string.Join(',', nested),
                Message = $"is in a namespace of its own ({string.Join(", ", nested)}), which CRIU can't dump",
                Remedy = "end it, or run it without a sandbox or container of its own",
            };
    }
}
