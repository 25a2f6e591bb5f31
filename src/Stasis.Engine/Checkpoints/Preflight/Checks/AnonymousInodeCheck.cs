namespace Stasis.Engine.Checkpoints.Preflight.Checks;

/// <summary>
/// Descriptors of objects in the kernel that CRIU doesn't know (CRIU 4.2, criu/files.c: dump_one_file). Those of graphics cards are left to
/// CRIU's plug-ins.
/// </summary>
internal static class AnonymousInodeCheck
{
    // is_*_link in CRIU.
    private static readonly string[] Dumped =
        ["[eventfd]", "[eventpoll]", "inotify", "[fanotify]", "[signalfd]", "[timerfd]", "[pidfd]", "bpf-map"];

    private static readonly string[] Graphics = ["i915", "drm", "amdgpu", "dmabuf", "sync_file", "syncobj", "kfd", "nvidia"];

    public static IEnumerable<PreflightFinding> Find(PreflightContext context) =>
        from open in context.Descriptors
        let kind = open.Descriptor.AnonymousKind
        where kind is not null && !Dumped.Contains(kind)
        let isOfPlugin = Graphics.Any(name => kind.Contains(name, StringComparison.Ordinal))
        let known = Describe(kind)
        select new PreflightFinding
        {
            Severity = isOfPlugin ? PreflightSeverity.Note : context.CriuLimit,
            Kind = known.Kind,
            Pid = open.Process.Pid,
            Process = open.Process.Name,
            Descriptor = open.Descriptor.Number,
            Path = open.Descriptor.Target,
            Message = isOfPlugin ? $"{known.What}, which CRIU can dump only with a plug-in for it" : $"{known.What}, which CRIU can't dump",
            Remedy = known.Remedy,
        };

    private static (string Kind, string What, string Remedy) Describe(string kind) => kind switch
    {
        "[io_uring]" => (
            "io-uring",
            "an io_uring",
            "have the program use another way of input and output, if it has an option for that, or run it with a seccomp profile "
            + "without io_uring_setup: most programs then use epoll"),
        "[perf_event]" => ("perf-event", "a counter of perf_event_open(2)", "end the profiling"),
        "[userfaultfd]" => ("userfaultfd", "a userfaultfd", "have the program close it"),
        "seccomp notify" => ("seccomp-notify", "a seccomp listener", "run the program without its own sandbox"),
        "btf" => Bpf,
        _ when kind.StartsWith("bpf", StringComparison.Ordinal) => Bpf,
        _ => ("kernel-object", $"a kernel object ({kind})", "have the program close it"),
    };

    private static (string Kind, string What, string Remedy) Bpf => ("bpf", "a BPF object that is no map", "have the program close it");
}
