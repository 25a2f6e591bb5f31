using Stasis.Engine.Archive;
using Stasis.UnitTests.Formats.Tar;

namespace Stasis.UnitTests.Archive.Hostile;

/// <summary>Lists, strings and numbers of entries that no engine writes, and that would take hours or gigabytes to look through.</summary>
internal static class HostileLists
{
    public static IEnumerable<Hostile> All =>
    [
        Spec("capabilities", "process.capabilities.bounding", List(700_000, i => $"\"C{i:000000}\""), 200),
        Spec("mounts", "mounts", List(90_000, i => $$"""{"destination":"/a/{{i}}","type":"tmpfs"}"""), 4000),
        Spec("mount options", "mounts[].options", List(100_000, i => $"\"o{i}\""), 1000),
        Spec(
            "device rules",
            "linux.resources.devices",
            List(200_000, i => $$"""{"allow":true,"type":"c","major":{{i}},"minor":1}"""),
            10_000),
        Spec("devices", "linux.devices", List(20_000, i => $$"""{"path":"/dev/{{i}}","type":"c","major":{{i}},"minor":1}"""), 10_000),
        Spec("annotations", "annotations", Fields(900_000), 10_000),
        Spec("masked paths", "linux.maskedPaths", List(900_000, i => $"\"/proc/{i}\""), 1000),
        Spec("read-only paths", "linux.readonlyPaths", List(900_000, i => $"\"/proc/{i}\""), 1000),
        Spec("namespaces", "linux.namespaces", List(500_000, i => $$"""{"type":"x{{i}}"}"""), 100),
        Spec("sysctls", "linux.sysctl", Fields(100_000), 10_000),
        Spec("system calls", "linux.seccomp.syscalls[].names", List(1_300_000, i => $"\"n{i}\""), 2000),
        Spec("conditions of a system call", "linux.seccomp.syscalls[].args", List(1000, _ => "{}"), 100),
        Spec("rlimits", "process.rlimits", List(100_000, i => $$"""{"type":"R{{i}}"}"""), 100),
        Spec("variables", "process.env", List(100_000, i => $"\"A{i}=\""), 10_000),
        Spec("arguments", "process.args", List(2_000_000, _ => "\"a\""), 1 << 20),
        Spec("hooks", "hooks.prestart", List(100_000, _ => "{}"), 100),
        Config("volumes", "namedVolumes", List(250_000, i => $$"""{"volumeName":"v{{i}}","dest":"/w{{i}}"}"""), 1000),
        Config("ports", "newPortMappings", List(50_000, _ => """{"container_port":1,"host_port":1,"range":65000}"""), 2000),
        Config("labels", "labels", Fields(1_000_000), 10_000),
        Config("networks in order", "orderedNetworks", List(500_000, i => $$"""{"name":"n{{i}}"}"""), 200),
        Config("networks", "newNetworks", Fields(500_000), 200),
        Config("an unknown field", "zz", List(3_000_000, _ => "[]"), 10_000),
        Config("host names", "hostsAdd", List(100_000, i => $"\"h{i}:1.2.3.4\""), 10_000),
        Config("mounts of the spec at creation", "spec.mounts", List(90_000, _ => "{}"), 4000),
        In(
            "values",
            "config.dump",
            $"{{\"zz\":{List(2000, _ => List(2000, _ => "1"))}}}",
            $"it has more than {JsonShape.MaxValues} values"),
        In(
            "a string",
            "config.dump",
            $"{{\"RawImageName\":\"{new string('x', 100_000)}\"}}",
            "RawImageName has a string of 100000 bytes: more than 32768 are refused"),
        In(
            "a field's name",
            "config.dump",
            $"{{\"{new string('x', 100_000)}\":1}}",
            "it has the name of a field of 100000 bytes: more than 32768 are refused"),
        new("lists", "entries of a tar in few bytes", Zstds.Frame(WithTar(EmptyFiles(2000))), "entries in")
        {
            Limits = new ArchiveLimits { EntriesFrom = 1000, BytesPerEntry = 100 },
        },
        new(
            "lists",
            "folders that only names tell of",
            Zstds.Frame(WithTar(DeepFiles(i => $"{i}/"))),
            "entries and folders of entries in")
        {
            Limits = new ArchiveLimits { EntriesFrom = 1000, BytesPerEntry = 100 },
        },
        new("lists", "long names", Zstds.Frame(WithTar(DeepFiles(_ => ""))), "entries and folders of entries in")
        {
            Limits = new ArchiveLimits { EntriesFrom = 40_000, BytesPerEntry = 100 },
        },
        new("lists", "entries in few bytes", Zstds.Frame(ManyEntries(2000)), "entries in")
        {
            Limits = new ArchiveLimits { EntriesFrom = 1000, BytesPerEntry = 100 },
        },
        new(
            "lists",
            "a sparse file of 512 GiB",
            WithTar(SparseFile(512L << 30)),
            "have 549755813888 bytes with their holes: beyond 68719476736"),
        new("lists", "many sparse files", WithTar(SparseFile(40L << 30, 3)), "sparse files up to f1 have 85899345920 bytes"),
    ];

    private static string List(int count, Func<int, string> item) => $"[{string.Join(',', Enumerable.Range(0, count).Select(item))}]";

    private static string Fields(int count) => $"{{{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{i}\":\"\""))}}}";

    private static Hostile Spec(string name, string path, string value, int most) =>
        In(name, "spec.dump", Nest(path, value), $"{path} has more than {most} entries");

    private static Hostile Config(string name, string path, string value, int most) =>
        In(name, "config.dump", Nest(path, value), $"{path} has more than {most} entries");

    private static Hostile In(string name, string entry, string json, string message) =>
        new(
            "lists",
            name,
            new RawTar()
                .Add("config.dump", entry == "config.dump" ? json : "{}")
                .Add("spec.dump", entry == "spec.dump" ? json : "{}")
                .End(),
            $"entry {entry}: {message}");

    // {"a":{"b":[{"c":VALUE}]}} of "a.b[].c".
    private static string Nest(string path, string value)
    {
        foreach (var part in path.Split('.').Reverse())
            value = part.EndsWith("[]", StringComparison.Ordinal) ? $"{{\"{part[..^2]}\":[{value}]}}" : $"{{\"{part}\":{value}}}";
        return value;
    }

    private static byte[] WithTar(byte[] tar) => RawTar.Begun.Add("rootfs-diff.tar", tar).End();

    private static byte[] EmptyFiles(int count) =>
        Enumerable.Range(0, count).Aggregate(new RawTar(), (tar, i) => tar.Add($"f{i}", "")).End();

    // With names of 4000 bytes.
    private static byte[] DeepFiles(Func<int, string> begin) => Enumerable.Range(0, 1000).Aggregate(
        new RawTar(),
        (tar, i) => tar
            .Add("././@LongLink", Tars.Bytes($"{begin(i)}{string.Concat(Enumerable.Repeat("a/", 2000))}f{i}\0"), 'L')
            .Add("x", "")).End();

    private static byte[] ManyEntries(int count) =>
        Enumerable.Range(0, count).Aggregate(RawTar.Begun, (tar, i) => tar.Add($"artifacts/{i}", "")).End();

    private static byte[] SparseFile(long size, int count = 1) => Enumerable.Range(0, count).Aggregate(new RawTar(), (tar, i) => tar
        .Pax(
            RawTar.Record("GNU.sparse.major", "1"),
            RawTar.Record("GNU.sparse.minor", "0"),
            RawTar.Record("GNU.sparse.name", $"f{i}"),
            RawTar.Record("GNU.sparse.realsize", $"{size}"))
        .Add("x", RawTar.Blocks(Tars.Bytes("0\n")))).End();
}
