using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Errors;
using Stasis.Engine.RuntimeSpec;
using Xunit;

namespace Stasis.UnitTests.Containers;

public sealed class SeccompTests
{
    private const string Profile = """
        {
          "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "defaultErrno": "ENOSYS",
          "archMap": [
            {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
            {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}
          ],
          "syscalls": [
            {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW", "args": [], "includes": {}, "excludes": {}},
            {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"names": ["bpf"], "action": "SCMP_ACT_ERRNO", "errno": "EPERM", "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"names": ["arch_prctl"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["amd64", "x32"]}},
            {"names": ["arm_thing"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm64"]}},
            {"names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
            {"names": ["future"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "99.0"}},
            {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errno": "EINVAL", "errnoRet": 22, "args": [{"index": 0, "value": 16, "valueTwo": 0, "op": "SCMP_CMP_EQ"}]}
          ]
        }
        """;

    [Fact]
    public void Rules_hold_by_capability_architecture_and_kernel()
    {
        var plain = Translate([])!;
        var admin = Translate(["CAP_SYS_ADMIN"])!;

        Assert.Equal(["read,write ALLOW", "bpf ERRNO", "arch_prctl ALLOW", "ptrace ALLOW", "socket ERRNO"], Rules(plain));
        Assert.Contains("bpf ALLOW", Rules(admin));
        Assert.DoesNotContain("bpf ERRNO", Rules(admin));
    }

    [Fact]
    public void Architectures_errnos_and_arguments_are_carried_over()
    {
        var filter = Translate([])!;

        Assert.Equal(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], filter.Architectures);
        Assert.Equal(38u, filter.DefaultErrnoRet);
        Assert.Null(filter.Syscalls![0].Args);
        Assert.Equal(1u, filter.Syscalls[1].ErrnoRet);
        Assert.Equal(22u, filter.Syscalls[4].ErrnoRet);
        Assert.Equal(16, filter.Syscalls[4].Args!.Value[0].GetProperty("value").GetInt32());
    }

    [Theory]
    [InlineData("not json", "loading seccomp profile")]
    [InlineData("""{"syscalls":[{"names":["x"],"action":"SCMP_ACT_ALLOW"}]}""", "defaultAction is missing")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"action":"SCMP_ACT_ALLOW"}]}""", "'name' or 'names'")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["x"],"action":"SCMP_ACT_ERRNO","errno":"EWHAT"}]}""",
        "unknown errno EWHAT")]
    public void Bad_profiles_are_named(string text, string message)
    {
        using var directory = new TempDirectory();
        var path = directory.File("profile.json", text);

        var failure = Assert.Throws<StasisException>(() => SeccompFilterBuilder.Build(path, new OciCapabilities(), Blueprints.Host));

        Assert.Contains(message, failure.Message);
        Assert.Contains(path, failure.Message);
    }

    [Fact]
    public void Unconfined_is_no_filter() => Assert.Null(SeccompFilterBuilder.Build("unconfined", new OciCapabilities(), Blueprints.Host));

    private static OciSeccomp? Translate(string[] capabilities) =>
        SeccompFilterBuilder.Translate(
            JsonSerializer.Deserialize(Profile, EngineJson.Default.SeccompProfile)!,
            "profile",
            capabilities,
            Blueprints.Host);

    private static string[] Rules(OciSeccomp filter) =>
        [.. filter.Syscalls!.Select(rule => $"{string.Join(',', rule.Names)} {rule.Action["SCMP_ACT_".Length..]}")];
}
