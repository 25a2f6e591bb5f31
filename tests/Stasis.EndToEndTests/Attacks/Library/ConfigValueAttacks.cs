using System.Text;
using System.Text.Json.Nodes;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>Values of config.dump, annotations, the log and the network status that nobody would write.</summary>
internal static class ConfigValueAttacks
{
    private const int LongLine = 200_000_000;

    public static IReadOnlyList<Attack> All { get; } =
    [
        Field("created-last", "createdTime", "9999-12-31T23:59:59.9999999+00:00"),
        Field("created-before-time", "createdTime", "0001-01-01T00:00:00+14:00"),
        Field("shm-size-negative", "shmSize", -1),
        Field("shm-size-largest", "shmSize", long.MaxValue) with
        {
            Harmless = "what is in a tmpfs counts as the container's memory, which its cgroup limits",
        },
        Field("shm-size-zero", "shmSize", 0),
        Field("stop-signal-largest", "stopSignal", uint.MaxValue),
        Field("stop-timeout-largest", "stopTimeout", uint.MaxValue),
        Field("restart-always", "restart_policy", "always"),
        Field("umask", "umask", "99999999999"),
        Field("user", "user", "a:b:c:d"),
        Create("ports-zero", "a port mapping of nothing", archive => archive.Config(
            "newPortMappings",
            JsonNode.Parse("""[{"host_ip":"","container_port":0,"host_port":0,"range":0,"protocol":""}]"""))),
        Create("exposed-ports", "a port that doesn't exist", archive =>
            archive.Config("exposedPorts", new JsonObject { ["99999"] = new JsonArray("tcp", "x") })),
        Create("labels-differ-in-case", "two labels", archive =>
            archive.Config("labels", new JsonObject { ["a"] = "", ["A"] = "" })),
        Create("hosts-lines", "lines of /etc/hosts", isTypical: true, make: archive =>
            archive.Config("hostsAdd", new JsonArray("x\ny:1.2.3.4", "evil;x:not-an-ip", ":"))),
        Create("dns-lines", "lines of /etc/resolv.conf", archive => archive.Config(config =>
        {
            config["dnsServer"] = new JsonArray("1.1.1.1\noptions x");
            config["dnsSearch"] = new JsonArray("a b");
            config["dnsOption"] = new JsonArray("\n");
        })),
        Create("healthcheck", "a command that runs on the host", archive => archive.Config("healthcheck", new JsonObject
        {
            ["Test"] = new JsonArray("CMD-SHELL", $"touch {archive.Target.Canary}/healthcheck"),
            ["Interval"] = 1,
        })),
        Create("command-null", "a crash", archive => archive.Config(config =>
        {
            config["command"] = null;
            config["entrypoint"] = null;
        })),
        Create("addresses", "the gateway's address, and an interface that is a path", archive => archive.Config(config =>
        {
            config["networkMode"] = "bridge";
            config["newNetworks"] = new JsonObject
            {
                ["podman"] = new JsonObject
                {
                    ["static_ips"] = new JsonArray("10.88.0.1"),
                    ["static_mac"] = "00:00:00:00:00:00",
                    ["interface_name"] = "../../x",
                    ["aliases"] = new JsonArray("a b", "\n"),
                },
            };
        })),
        Field("image-name-long", "RawImageName", new string('x', 100_000)),
        Create("log-lines", "a crash, or lines that weren't printed", archive => archive.Put("ctr.log",
        [
            .. Enumerable.Repeat<byte[]>([0xff, 0xfe, 0x00], 1000).SelectMany(bytes => bytes),
            .. "\n2026 stdout F\nnot a date stdout F x\n9999-99-99T00:00:00Z stdout P x\n"u8,
        ])),
        Create("log-one-line", "memory: a log of one line of 200 MB", archive =>
        {
            var line = new byte[LongLine];
            Array.Fill(line, (byte)'A');
            Encoding.ASCII.GetBytes("2026-11-29T02:12:05.899+00:00 stdout F ", line);
            archive.Put("ctr.log", line);
        }),
        Create("network-status", "addresses that are none", archive => archive.Put("network.status",
            """{"podman":{"interfaces":{"eth0":{"mac_address":"x","subnets":[{"ipnet":"not/ip"}]}}}}"""u8.ToArray())),
        Annotation("generation-largest", "io.stasis.generation", "2147483647"),
        Create("copy-annotations", "what a copy is told", archive =>
        {
            archive.Annotate("io.stasis.copy", "99999999999999999999");
            archive.Annotate("io.stasis.env.", "x");
        }),
        Field("stdin", "stdin", true),
        Annotation("auto-remove", "io.podman.annotations.autoremove", "TRUE"),
        Create("cid-file", "a file on the host", isTypical: true, make: archive =>
            archive.Annotate("io.podman.annotations.cid-file", $"{archive.Target.Canary}/cid")),
    ];

    private static Attack Create(string name, string aim, Action<HostileArchive> make, bool isTypical = false) =>
        new() { Name = name, Kind = AttackKind.ConfigValues, Aim = aim, IsTypical = isTypical, Make = make };

    // A node has one parent: each archive gets a copy.
    private static Attack Field(string name, string field, JsonNode value, bool isTypical = false) =>
        Create(name, $"a value of {field}", archive => archive.Config(field, value.DeepClone()), isTypical);

    private static Attack Annotation(string name, string key, string value) =>
        Create(name, $"a value of {key}", archive => archive.Annotate(key, value));
}
