namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>Mappings that CRIU can't dump (CRIU 4.2, criu/proc_parse.c: handle_vma).</summary>
internal static class MappingCheck
{
    private const string Device = "mapped-device", Probe = "uprobe", Segment = "shared-memory", Secret = "secret-memory", Ring = "io-uring";
    private const string RingName = "anon_inode:[io_uring]", SecretName = "/secretmem (deleted)";
    private const uint MemoryMajor = 1, Zero = 5;

    public static IEnumerable<PreflightFinding> Find(PreflightContext context)
    {
        var hasHostIpc = context.First?.Namespace("ipc") is { } ipc
            && ipc == ContainerProcess.TryRead(Environment.ProcessId)?.Namespace("ipc");
        return
            from process in context.Processes.Dumped
            from mapping in ProcessMapping.ReadFiles(process)
            let found = Judge(process, mapping, hasHostIpc)
            where found is not null
            select new PreflightFinding
            {
                Severity = context.CriuLimit,
                Kind = found.Value.Kind,
                Pid = process.Pid,
                Process = process.Name,
                Path = mapping.Path,
                Message = found.Value.Message,
                Remedy = found.Value.Remedy,
            };
    }

    private static (string Kind, string Message, string Remedy)? Judge(ContainerProcess process, ProcessMapping mapping, bool hasHostIpc) =>
        mapping.Name switch
        {
            ProcessMapping.Uprobes => (
                Probe, "a tracer has put probes into it (uprobes), which CRIU can't dump", "end the tracing, and restart the program"),
            SecretName => (Secret, "maps secret memory (memfd_secret(2)), which CRIU can't read", "have the program unmap it"),
            RingName when !process.Descriptors.Any(descriptor => descriptor.Target == RingName) =>
                (Ring, "maps an io_uring, which CRIU can't dump", "have the program unmap it"),
            ['/', 'S', 'Y', 'S', 'V', ..] when hasHostIpc => (
                Segment,
                "uses System V shared memory of the host (--ipc host), which CRIU can't dump",
                "create the container with an IPC namespace of its own"),
            _ when mapping.Name.StartsWith("/dev/", StringComparison.Ordinal) && IsDevice(mapping) && !IsGraphics(mapping) =>
                (Device, $"maps the device {mapping.Path}, which CRIU can't dump", "have the program unmap it"),
            _ => null,
        };

    private static bool IsDevice(ProcessMapping mapping) =>
        mapping.TryReadStatus() is { IsCharacterDevice: true } status && (status.DeviceMajor, status.DeviceMinor) != (MemoryMajor, Zero);

    private static bool IsGraphics(ProcessMapping mapping) =>
        mapping.Name.StartsWith("/dev/dri/", StringComparison.Ordinal) || mapping.Name.StartsWith("/dev/kfd", StringComparison.Ordinal)
        || mapping.Name.StartsWith("/dev/nvidia", StringComparison.Ordinal);
}
