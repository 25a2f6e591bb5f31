using Stasis.Engine.Containers.Create;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Policy;
using Stasis.UnitTests.Containers;
using Xunit;

namespace Stasis.UnitTests.Vetting.Policy;

/// <summary>No false alarm: what Stasis writes needs the flags that run's options stand for, and no others.</summary>
public sealed class StasisTests
{
    private static readonly CreateOptions Plain = Blueprints.Options with { SecurityOptions = [] };

    public static TheoryData<string, CreateOptions, string[]> Options => new()
    {
        { "plain", Plain, [] },
        { "volumes", Plain with
        {
            Volumes = ["data:/data", "/anonymous", "data2:/data2:ro,noexec"],
            Tmpfs = ["/t:size=1m,mode=700,exec"],
        }, [] },
        { "another user", Plain with { User = "65534:65534" }, [] },
        { "what only takes away", Plain with
        {
            CapDrop = ["all"],
            ReadOnly = true,
            PidsLimit = 100,
            Memory = 64 << 20,
            Cpus = 0.5,
            SecurityOptions = ["no-new-privileges", "mask=/etc/group"],
        }, [] },
        { "names", Plain with
        {
            Hostname = "other",
            Labels = new Dictionary<string, string> { ["a"] = "b" },
            Annotations = new Dictionary<string, string> { ["c"] = "d" },
            StopSignal = "INT",
            AddHosts = ["x:192.0.2.1"],
            Dns = ["192.0.2.2"],
        }, [] },
        { "terminal", Plain with
        {
            Tty = true,
            Interactive = true,
            AutoRemove = true,
            ShmSize = 1 << 20,
            WorkingDirectory = "/tmp",
            Entrypoint = ["env"],
        }, [] },
        { "bind", Plain with { Volumes = ["/usr:/data:ro", "/usr:/data2"] }, ["mount:/usr:ro", "mount:/usr:rw"] },
        { "shared bind", Plain with { Volumes = ["/usr:/data:rshared"] }, [
            "mount:/usr:rw", "mount-option:/data:rshared", "rootfs-propagation:shared",
        ] },
        { "capability", Plain with { CapAdd = ["NET_ADMIN"] }, ["cap:NET_ADMIN"] },
        { "ambient capability", Plain with { User = "65534", CapAdd = ["CHOWN", "NET_RAW"] }, ["cap:NET_RAW", "ambient-cap:CHOWN"] },
        { "all capabilities", Plain with { CapAdd = ["SYS_ADMIN", "BPF", "PERFMON", "SYS_PTRACE"] }, [
            "cap:BPF", "cap:PERFMON", "cap:SYS_ADMIN", "cap:SYS_PTRACE",
        ] },
        { "no seccomp", Plain with { SecurityOptions = ["seccomp=unconfined"] }, ["seccomp:unconfined"] },
        { "the host's network", Plain with { Networks = ["host"] }, ["ns:network=host"] },
        { "no limit", Plain with { PidsLimit = -1 }, ["resource:pids.limit=none"] },
        { "more tasks", Plain with { PidsLimit = 5000 }, ["resource:pids.limit=5000"] },
        { "unmasked", Plain with { SecurityOptions = ["unmask=/sys/fs/cgroup", "unmask=/proc/kcore"] }, [
            "mount-option:/sys/fs/cgroup:rw", "unmasked-path:/proc/kcore",
        ] },
        { "runtime's annotation", Plain with
        {
            Annotations = new Dictionary<string, string> { ["run.oci.x"] = "y" },
        }, ["annotation:run.oci.x=y"] },
        { "privileged", Plain with { Privileged = true }, ["privileged"] },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Container_needs_the_flags_of_its_options_alone(string what, CreateOptions options, string[] flags)
    {
        var subject = Subjects.OfStasis(options);

        Assert.Equal(flags, Subjects.Flags(subject));
        Assert.True(flags.Length > 0 || !PolicyCheckRunner.Check(subject).Any(finding => finding.Severity == Severity.Warning), what);
    }
}
