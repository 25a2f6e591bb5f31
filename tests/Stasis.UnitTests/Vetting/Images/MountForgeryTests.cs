using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Images.Namespaces;
using Stasis.Tests.Mutations;
using Xunit;

namespace Stasis.UnitTests.Vetting.Images;

/// <summary>
/// Falsified mounts: kinds of attacks, each with what else it needs, and each field of each mount with each of
/// its nasty values.
/// </summary>
public class MountForgeryTests
{
    private const uint Overlay = 17, Debugfs = 11;

    private static readonly Dictionary<string, (Action<ForgedRecords> Forge, Func<OciSpec, OciSpec>? Spec)> Kinds = new()
    {
        ["the root's bind at a read-only path of the spec's"] = (mounts => mounts.AddCopy("/")
            .Set("parent_mnt_id", mounts.At("/").Number("mnt_id")).Set("root", "/l/canary").Set("mountpoint", "/mnt"), ReadOnly("/mnt")),
        ["a second /proc on top of the first"] = (mounts => mounts.AddCopy("/proc")
            .Set("parent_mnt_id", mounts.At("/proc").Number("mnt_id")), null),
        ["a second /proc with a number of its own"] = (mounts => mounts.AddCopy("/proc")
            .Set("mountpoint", "/mnt").Set("root_dev", 0x70), null),
        ["/proc at a read-only path of the spec's"] = (mounts => mounts.AddCopy("/proc").Set("mountpoint", "/mnt"), ReadOnly("/mnt")),
        ["a second and writable /proc/sys"] = (mounts => mounts.AddCopy("/proc/sys")
            .Set("parent_mnt_id", mounts.At("/proc/sys").Number("mnt_id")).Set("flags", 0x20000e), null),
        ["debugfs"] = (mounts => mounts.AddCopy("/proc")
            .Set("fstype", Debugfs).Set("mountpoint", "/mnt").Set("source", "debugfs").Set("root_dev", 0x70), ReadOnly("/mnt")),
        ["an overlay of the host's folders"] = (mounts => mounts.AddCopy("/proc")
            .Set("fstype", Overlay).Set("mountpoint", "/mnt").Set("options", "lowerdir=/root:/etc"), ReadOnly("/mnt")),
        ["a second root"] = (mounts => mounts.AddCopy("/")
            .Set("parent_mnt_id", mounts.At("/").Number("mnt_id")).Set("root_dev", 0x70).Set("options", "lowerdir=/root:/etc"), null),
        ["a bind of a deleted folder"] = (mounts => mounts.AddCopy("/")
            .Set("root", "/l/canary/new").Set("mountpoint", "/mnt").Set("deleted", 1), ReadOnly("/mnt")),
        ["masks that hang beneath /proc"] = (mounts => mounts.At("/proc/keys")
            .Set("parent_mnt_id", mounts.At("/").Number("mnt_id")), null),
        ["an external mount that hides a part of /proc"] = (mounts => mounts.AddCopy("/proc/keys")
            .Set("mountpoint", "/proc/sys/kernel"), null),
        ["a path of a process as a read-only path"] = (mounts => mounts.AddCopy("/proc/sys")
            .Set("root", "/1/root/etc").Set("mountpoint", "/proc/1/root/etc"), ReadOnly("/proc/1/root/etc")),
        ["the caller's path as a read-only path"] = (mounts => mounts.AddCopy("/proc/sys")
            .Set("root", "/self/cwd").Set("mountpoint", "/proc/self/cwd"), ReadOnly("/proc/self/cwd")),
        ["a tmpfs that CRIU binds from a volume"] = (mounts =>
        {
            mounts.At("/program").Set("root_dev", 0x66).Set("fstype", 5);
            mounts.At("/scratch").Set("root_dev", 0x66);
        }, null),
        ["a part of a volume"] = (mounts => mounts.AddCopy("/program")
            .Set("root", mounts.At("/program").Text("root") + "/l/canary").Set("mountpoint", "/mnt").Remove("ext_key"), ReadOnly("/mnt")),
        ["a tmpfs that CRIU binds from another"] = (mounts => mounts.At("/scratch")
            .Set("root_dev", mounts.At("/dev").Number("root_dev")), null),
        ["a bind mounted twice"] = (mounts => mounts.AddCopy("/etc/hosts")
            .Set("parent_mnt_id", mounts.At("/etc/hosts").Number("mnt_id")), null),
        ["a mask of the spec's over a folder of its own"] = (mounts => mounts.AddCopy("/scratch")
            .Set("mountpoint", "/etc").Set("root_dev", 0x70), spec => spec with
            {
                Linux = spec.Linux! with { MaskedPaths = [.. spec.Linux.MaskedPaths!, "/etc"] },
            }),
        ["a chain of mounts at one place"] = (mounts =>
        {
            for (var i = 0; i < 3000; i++)
                mounts.AddCopy("/").Set("mountpoint", "/mnt").Set("parent_mnt_id", 899 + mounts.All.Count);
        }, ReadOnly("/mnt")),
        ["a controller that the container may write to"] = (mounts => mounts.At("/sys/fs/cgroup/pids").Set("flags", 0x20000e), null),
        ["a controller beside the cgroups"] = (mounts => mounts.AddCopy("/sys/fs/cgroup/pids")
            .Set("mountpoint", "/sys/fs/cgroup/a/b").Set("ext_key", "/sys/fs/cgroup/a/b"), null),
        ["terminals of the host"] = (mounts => mounts.At("/dev/pts").Set("options", "gid=5,mode=620,ptmxmode=666"), null),
        ["no mounts"] = (mounts => mounts.All.Clear(), null),
    };

    // What the kernel can report, and what CRIU doesn't use, has no finding: restrictions that are stricter, times of access, and for
    // external mounts and the root everything but place, parent, flags and key.
    private static readonly (string Field, Func<ImageNode, object, bool> Is)[] Harmless =
    [
        ("flags", (mount, value) => ((ulong)value & 0xF & mount.Number("flags")) == (mount.Number("flags") & 0xF)
            && ((ulong)value & ~0x1200C0FUL) == 0 && !(mount.Text("mountpoint") == "/proc/sys" && ((ulong)value & 1) == 0)),
        ("flags", (mount, value) => IsMask(mount) && ((ulong)value & ~0x1200C0FUL) == 0
            && ((ulong)value & 1) >= (mount.Number("flags") & 1)),
        ("flags", (mount, value) => mount.Text("mountpoint") is "/proc/sys" or "/proc/irq" or "/proc/fs" or "/proc/bus"
            && ((ulong)value & ~0x1200C0FUL) == 0 && ((ulong)value & 0xE) == 0xE), // image-mask requires ro
        ("flags", (mount, value) => mount.Text("mountpoint") is "/" or "/etc/hosts" or "/etc/hostname"
            or "/etc/resolv.conf" or "/run/.containerenv"
            && ((ulong)value & ~0x1200C0FUL) == 0),
        ("flags", (mount, value) => mount.Text("mountpoint") == "/program" && ((ulong)value & ~0x1200C0FUL) == 0
            && ((ulong)value & 1) == 1),
        ("sb_flags", (mount, value) => ((ulong)value & ~0xD1UL) == 0 && !IsPart(mount)),
        ("fstype", (mount, value) => IsTaken(mount) && (ulong)value is 12 or 23),
        ("fstype", (mount, value) => IsTaken(mount) && !mount.Text("mountpoint").StartsWith("/sys/fs/cgroup/", StringComparison.Ordinal)
            && (ulong)value is <= 23 and not 16),
        ("root_dev", (mount, _) => IsTaken(mount)), // the mount that it shares the number with has the finding
        ("root_dev", (mount, value) => !IsPart(mount) && (ulong)value == 0x70 && mount.Text("mountpoint") != "/proc"),
        ("root_dev", (mount, value) => mount.Text("mountpoint") == "/proc/acpi" && (ulong)value == 0x44), // another mask's tmpfs
        ("root", (mount, value) => IsTaken(mount) && !IsMask(mount) && value is "/" or "/x" or "/l/canary" or "/self/fd/3"),
        ("source", (mount, value) => IsTaken(mount) || value is "none"),
        ("options", (mount, value) => IsTaken(mount)),
        ("parent_mnt_id", (mount, value) => mount.Text("mountpoint") == "/" && (ulong)value is 0 or 5000),
        ("mnt_id", (mount, value) => (ulong)value == 5000
            && mount.Text("mountpoint") is not ("/" or "/proc" or "/sys" or "/dev" or "/sys/fs/cgroup")),
        ("shared_id", (_, value) => (ulong)value == 0),
        ("master_id", (_, value) => (ulong)value == 0),
        ("deleted", (_, value) => (ulong)value == 0),
        // as if through a link of the image
        ("mountpoint", (mount, value) => value is "/elsewhere" && mount.Text("mountpoint") == "/scratch"),
    ];

    private static readonly Dictionary<string, object[]> Nasty = new()
    {
        ["fstype"] = [.. Enumerable.Range(0, 26).Select(number => (object)(ulong)number), (ulong)uint.MaxValue],
        ["mnt_id"] = [0UL, 5000UL, 106UL, 150UL],
        ["root_dev"] = [0UL, 0x70UL, 0x33UL, 0x3eUL, 0x3fUL, 0x44UL, 0x25UL, 0xfe00000UL],
        ["parent_mnt_id"] = [0UL, 5000UL, 106UL, 150UL, 151UL, 154UL],
        ["flags"] = [0UL, 0xFUL, .. Enumerable.Range(0, 32)
            .SelectMany(bit => (object[])[1UL << bit, 0x20000fUL | (1UL << bit), 0x20000fUL & ~(1UL << bit)])],
        ["sb_flags"] = [.. Enumerable.Range(0, 32).Select(bit => (object)(1UL << bit)), 0x5000UL],
        ["root"] = ["/", "/x", "/..", "/a/../../etc", "x", "", "/l/canary", "/self/fd/3", "/null//deleted"],
        ["mountpoint"] = ["/", "/elsewhere", "/proc", "/etc", "/proc/self/fd", "/a/../b", "", "x", "/dev/shm"],
        ["source"] = ["/", "/etc", "none", "/proc/self/fd/3", "a/b"],
        ["options"] = ["lowerdir=/:/etc", "release_agent=/x", "size=9999t", "huge=always", "source=/etc",
            "newinstance,newinstance", "fd=3"],
        ["shared_id"] = [0UL, 1UL],
        ["master_id"] = [0UL, 1UL],
        ["with_plugin"] = [1UL],
        ["ext_mount"] = [1UL],
        ["fsname"] = ["ext4"],
        ["deleted"] = [0UL, 1UL],
        ["ext_key"] = ["CRIU:AUTO", "/", "/etc", "/dev/kmsg", "", "CRIU:EXTERNAL_DEV"],
    };

    public static TheoryData<string> Names => [.. Kinds.Keys];

    public static TheoryData<string> Fields => [.. Nasty.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_forged_mount_is_always_refused(string name)
    {
        var (forge, change) = Kinds[name];
        Assert.Contains(
            MountTests.Find(forge, change?.Invoke(GoldenImages.Spec) ?? GoldenImages.Spec),
            finding => finding is { Rule: "image-mount", Allow: null });
    }

    [Fact]
    public void Every_field_of_a_mount_has_nasty_values() => Assert.Equal(
        ImageSchema.Message("mnt_entry").Fields.Select(field => field.Name).Except(["internal_sharing"]).Order(StringComparer.Ordinal),
        Nasty.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_field_with_a_nasty_value_is_found_or_harmless(string field)
    {
        var count = new ForgedRecords(new GoldenImages(), "mountpoints-").All.Count;
        var failures = new List<string>();
        for (var index = 0; index < count; index++)
        {
            foreach (var value in Nasty[field])
            {
                var images = new GoldenImages();
                var mounts = new ForgedRecords(images, "mountpoints-");
                var mount = mounts.All[index];
                var point = mount.Text("mountpoint");
                if (mount.Has(field) && (field is "fsname" or "root" or "mountpoint" or "source" or "options" or "ext_key"
                        ? mount.Text(field) == (string)value
                        : mount.Number(field) == (ulong)value))
                    continue;
                var harmless = Harmless.Any(kind => kind.Field == field && kind.Is(mount, value));
                mount.Set(field, value);
                mounts.Write();
                var found = images.Verify(MountTreeImageRule.Check);
                if (found.Count == 0 && !harmless)
                    failures.Add(string.Create(CultureInfo.InvariantCulture, $"{point}: {field}={value:x}"));
            }
        }
        Assert.Empty(failures);
    }

    private static Func<OciSpec, OciSpec> ReadOnly(string path) =>
        spec => spec with { Linux = spec.Linux! with { ReadonlyPaths = [.. spec.Linux.ReadonlyPaths!, path] } };

    private static bool IsTaken(ImageNode mount) => mount.Has("ext_key") || mount.Text("mountpoint") == "/";

    private static bool IsMask(ImageNode mount) =>
        mount.Text("mountpoint") is "/proc/keys" or "/proc/timer_list" or "/proc/interrupts" or "/proc/acpi" or "/sys/firmware";

    private static bool IsPart(ImageNode mount) => mount.Text("mountpoint") is "/proc/sys" or "/proc/irq" or "/proc/fs" or "/proc/bus";
}
