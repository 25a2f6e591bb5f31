using System.Globalization;
using System.Text.Json.Nodes;
using static Stasis.EndToEndTests.Attacks.HostileArchive;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>Archives of a few megabytes that take minutes, or gigabytes, to examine with work that is more than linear.</summary>
internal static class BombAttacks
{
    private const string SpecFile = "spec.dump", ConfigFile = "config.dump";

    public static IReadOnlyList<Attack> All { get; } =
    [
        Create("capabilities", "700,000 capabilities", archive => archive.Stuff(
            SpecFile,
            spec => spec["process"]!["capabilities"]!["bounding"]!,
            Numbered(700_000, "\"C#\""))),
        Create("mounts-times-volumes", "150,000 mounts and 250,000 volumes", archive =>
        {
            archive.Stuff(SpecFile, spec => spec["mounts"]!, Numbered(150_000,
                """{"destination":"/v#","type":"bind","source":"/","options":["rbind"]}"""));
            archive.Stuff(
                ConfigFile,
                config => config["namedVolumes"]!,
                Numbered(250_000, """{"volumeName":"v#","dest":"/w#"}"""));
        }),
        Create("device-rules", "200,000 device rules", archive => archive.Stuff(
            SpecFile,
            spec => spec["linux"]!["resources"]!["devices"]!,
            Numbered(200_000, """{"allow":true,"type":"c","major":#,"minor":1}"""))),
        Create("spec-mounts-times-image-mounts", "90,000 mounts in the spec and as many others in CRIU's image", MountBomb),
        Create("annotations", "900,000 annotations", archive => archive.Stuff(
            SpecFile,
            spec => spec["annotations"]!,
            Numbered(900_000, "\"k#\":\"\""))),
        Create("unknown-field", "a field with 3,000,000 lists", archive => archive.Stuff(
            ConfigFile,
            config => config["zz"] = new JsonArray(),
            Numbered(3_000_000, "[]"))),
        Create("masked-paths", "900,000 masked paths", archive => archive.Stuff(
            SpecFile,
            spec => spec["linux"]!["maskedPaths"]!,
            Numbered(900_000, "\"/proc/#\""))),
        Create("namespaces", "500,000 namespaces", archive => archive.Stuff(
            SpecFile,
            spec => spec["linux"]!["namespaces"]!,
            Numbered(500_000, """{"type":"x#"}"""))),
        Create("seccomp-names", "a seccomp rule of 1,300,000 system calls", archive => archive.Stuff(
            SpecFile,
            spec =>
            {
                var names = new JsonArray();
                spec["linux"]!["seccomp"]!["syscalls"]!.AsArray()
                    .Add((JsonNode)new JsonObject { ["names"] = names, ["action"] = "SCMP_ACT_ALLOW" });
                return names;
            },
            Numbered(1_300_000, "\"n#\""))),
        Create("ports", "50,000 ranges of 65,000 ports", archive => archive.Stuff(
            ConfigFile,
            config => config["newPortMappings"] = new JsonArray(),
            Numbered(50_000, """{"host_ip":"","container_port":1,"host_port":1,"range":65000,"protocol":"tcp"}"""))),
        Create("labels", "1,000,000 labels", archive => archive.Stuff(
            ConfigFile,
            config => config["labels"] = new JsonObject(),
            Numbered(1_000_000, "\"#\":\"\""))),
        Create("networks", "500,000 networks", archive => archive.Stuff(
            ConfigFile,
            config => config["orderedNetworks"] = new JsonArray(),
            Numbered(500_000, """{"name":"n#"}"""))),
    ];

    private static Attack Create(string name, string aim, Action<HostileArchive> make) =>
        new() { Name = name, Kind = AttackKind.Bombs, Aim = aim, Make = make };

    private static void MountBomb(HostileArchive archive)
    {
        const int Count = 90_000;
        archive.Stuff(SpecFile, spec => spec["mounts"]!, Numbered(Count, """{"destination":"/a/#","type":"tmpfs"}"""));
        var root = archive.MountId("/");
        archive.Mounts(mounts => mounts.AddRange(Enumerable.Range(0, Count).Select(number => new EditableRecord("mnt_entry")
            .Set("fstype", CriuFileSystem.Tmpfs)
            .Set("mnt_id", 10_000 + number)
            .Set("root_dev", 3000 + number)
            .Set("parent_mnt_id", root)
            .Set("flags", 0)
            .Set("root", "/")
            .Set("mountpoint", string.Create(CultureInfo.InvariantCulture, $"/b/{number}"))
            .Set("source", "")
            .Set("options", "")
            .Set("sb_flags", 0))));
    }
}
