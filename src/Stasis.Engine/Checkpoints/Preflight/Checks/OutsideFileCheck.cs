namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// Open files that lie in none of the container's mounts: passed in by a process outside, or of the kernel's own file systems (CRIU 4.2,
/// criu/files-reg.c: "Can't lookup mount"). CRIU has a way of its own for terminals, pipes and memfds.
/// </summary>
internal static class OutsideFileCheck
{
    private const string Kind = "outside-file", QueueKind = "message-queue", SecretKind = "secret-memory";
    private const string MemFd = "/memfd:", DmaBuf = "/dmabuf:", Secret = "/secretmem", Huge = "/anon_hugepage";
    private const uint MemoryDevice = 1;

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        var mounts = context.Mounts.Select(mount => (int)mount.Id).ToHashSet();
        if (mounts.Count == 0)
            return [];
        var queues = context.Mounts.Where(mount => mount.Type == "mqueue").Select(mount => mount.Device).ToHashSet();
        return
            from open in context.Descriptors
            let path = open.Descriptor.Path
            where open.Descriptor.HasPath && !IsOfKernel(path) && IsFile(open.Descriptor)
            let mount = open.Descriptor.InfoNumber("mnt_id")
            where mount is not null && !mounts.Contains(mount.Value)
            let kind = Classify(open.Descriptor, queues)
            select new PreflightFinding
            {
                Severity = context.CriuLimit,
                Kind = kind,
                Pid = open.Process.Pid,
                Process = open.Process.Name,
                Descriptor = open.Descriptor.Number,
                Path = path,
                Message = kind switch
                {
                    QueueKind => $"the POSIX message queue {path}, which CRIU can't dump",
                    SecretKind => "secret memory (memfd_secret(2)), which CRIU can't read",
                    _ => $"{path} in none of the container's mounts, as a file that a process outside has passed in",
                },
                Remedy = kind == QueueKind ? "have the program close and remove it (mq_close, mq_unlink)" : "have the program close it",
            };
    }

    private static bool IsOfKernel(string path) =>
        path.StartsWith(MemFd, StringComparison.Ordinal) || path.StartsWith(DmaBuf, StringComparison.Ordinal)
        || path.StartsWith(Huge, StringComparison.Ordinal);

    private static bool IsFile(OpenDescriptor descriptor) => descriptor.Status is { } status
        && (status.IsRegularFile || status.IsDirectory || status.IsSymbolicLink || status.IsFifo
            || status is { IsCharacterDevice: true, DeviceMajor: MemoryDevice });

    private static string Classify(OpenDescriptor descriptor, HashSet<string> queues)
    {
        if (descriptor.Path == Secret)
            return SecretKind;
        return descriptor.Status is { } status && queues.Contains(DeviceNumberText.Format(status.ContainingDevice)) ? QueueKind : Kind;
    }
}
