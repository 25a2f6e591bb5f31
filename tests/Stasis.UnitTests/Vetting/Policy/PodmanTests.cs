using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Policy;
using Xunit;

namespace Stasis.UnitTests.Vetting.Policy;

/// <summary>No false alarm: what Podman 5.8 writes needs the flags that its own options stand for, and no others.</summary>
public sealed class PodmanTests
{
    private const string Storage = "/var/lib/containers/storage";

    // By the names in the recording; those that aren't here need none.
    private static readonly Dictionary<string, string[]> Flags = new()
    {
        ["annoruncoci"] = ["annotation:run.oci.keep_original_groups=1"],
        ["capadd"] = ["cap:NET_ADMIN"],
        ["cgparent"] = ["cgroup:/foo"],
        ["cidfile"] = ["path:pid_file=/tmp/pidf"],
        ["conmonpid"] = ["path:conmonPidFile=/tmp/conpid"],
        ["devcg"] = ["device:c:42:*:rwm"],
        ["device"] = ["device:c:10:229:rwm"],
        ["hostbind"] = ["mount:/srv/data:ro"],
        ["imagemount"] =
        [
            "mount-type:overlay:", $"mount-option:/img:lowerdir={Storage}/overlay/",
            "volume:ctrImageVolumes={\"source\":\"gold\",\"dest\":\"/img\",\"rw\":false}",
        ],
        ["ipchost"] = ["ns:ipc=host"],
        ["nethost"] = ["ns:network=host"],
        ["nopids"] = ["resource:pids.limit=-1"],
        ["overlay"] =
        [
            $"mount-type:overlay:{Storage}/overlay-containers/",
            "mount-option:/data:lowerdir=/srv/data",
            $"mount-option:/data:upperdir={Storage}/overlay-containers/",
            $"mount-option:/data:workdir={Storage}/overlay-containers/",
            "volume:overlayVolumes={\"dest\":\"/data\",\"source\":\"/srv/data\",\"options\":[\"O\"]}",
        ],
        ["personality"] = ["personality:{\"domain\":\"LINUX32\"}"],
        ["pidhost"] = ["ns:pid=host"],
        ["privileged"] = ["privileged"],
        ["published"] = ["port:8080"],
        ["secret"] = ["mount:/run/containers/storage/overlay-containers/", $"mount:{Storage}/overlay-containers/", "secret:mysec"],
        ["secretenv"] = ["secret:mysec"],
        ["shared"] = ["mount:/srv/data:rw", "mount-option:/data:rshared", "rootfs-propagation:shared"],
        ["sysctl"] = ["sysctl:net.core.somaxconn=100"],
        ["sysfs"] = Unmasked,
        ["systemd"] = ["mount:/sys/fs/cgroup/systemd:rw"],
        ["uidmap"] = ["device:a:*:*:rwm", "idmap:uid=0:100000:65536", "idmap:gid=0:100000:65536"],
        ["unconfined"] = ["seccomp:unconfined"],
        ["unmask"] = Unmasked,
        ["utshost"] = ["ns:uts=host"],
    };

    private static string[] Unmasked =>
    [
        "unmasked-path:/proc/acpi", "unmasked-path:/proc/kcore", "unmasked-path:/proc/keys", "unmasked-path:/proc/latency_stats",
        "unmasked-path:/proc/timer_list", "unmasked-path:/proc/timer_stats", "unmasked-path:/proc/sched_debug",
        "unmasked-path:/proc/scsi", "unmasked-path:/sys/firmware",
        "writable-path:/proc/asound", "writable-path:/proc/bus", "writable-path:/proc/fs", "writable-path:/proc/irq",
        "writable-path:/proc/sys", "writable-path:/proc/sysrq-trigger",
    ];

    public static TheoryData<string> Containers => [.. Subjects.PodmanNames];

    [Theory]
    [MemberData(nameof(Containers))]
    public void Podmans_container_needs_the_flags_of_its_options_alone(string name)
    {
        var subject = Subjects.OfPodman(name);
        var expected = Flags.GetValueOrDefault(name, []);

        var flags = Subjects.Flags(subject);

        // Paths end in what is another one each time.
        Assert.Equal(expected, flags.Zip(expected, (flag, begins) => begins.EndsWith('/') || begins.EndsWith(':')
            ? flag[..Math.Min(begins.Length, flag.Length)]
            : flag).Concat(flags.Skip(expected.Length)));
        Assert.DoesNotContain(PolicyCheckRunner.Check(subject), finding => finding.Severity == Severity.Warning);
    }

    [Fact]
    public void Every_recorded_container_is_tested() => Assert.Empty(Flags.Keys.Except(Subjects.PodmanNames));
}
