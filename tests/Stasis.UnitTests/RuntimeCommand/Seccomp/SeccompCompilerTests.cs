using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.RuntimeCommand.Seccomp;
using Stasis.Engine.Vetting.Seccomp;
using Stasis.UnitTests.Vetting.Images;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand.Seccomp;

/// <summary>Filters that are compiled from profiles, run on calls.</summary>
public sealed class SeccompCompilerTests
{
    private const uint X64 = 0xC000003E, X86 = 0x40000003, Arm = 0xC00000B7, X32Bit = 0x40000000;
    private const uint Allow = 0x7fff0000, Kill = 0, NotPermitted = 0x00050001, NotImplemented = 0x00050026;
    private const uint Read = 0, Write = 1, Socket = 41, Personality = 135, Statx = 332;
    private const ulong Wide = 1ul << 32;

    [Fact]
    public void Calls_that_the_profile_names_are_allowed_and_newer_ones_are_missing()
    {
        var filter = Compile("""{"names":["read","statx","no_such_call"],"action":"SCMP_ACT_ALLOW"}""");

        Assert.Equal(Allow, BpfMachine.Run(filter, X64, Read, []));
        Assert.Equal(NotPermitted, BpfMachine.Run(filter, X64, Write, []));
        Assert.Equal(Allow, BpfMachine.Run(filter, X64, Statx, []));
        Assert.Equal(NotImplemented, BpfMachine.Run(filter, X64, Statx + 1, []));
        Assert.Equal(NotImplemented, BpfMachine.Run(filter, X64, X32Bit - 1, []));
    }

    [Fact]
    public void Other_architectures_than_the_profiles_are_killed()
    {
        const string Rule = """{"names":["read"],"action":"SCMP_ACT_ALLOW"}""";
        var (one, all) = (Compile(Rule), Compile(Rule, "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"));

        Assert.Equal(Kill, BpfMachine.Run(one, X86, 3, []));
        Assert.Equal(Kill, BpfMachine.Run(one, X64, X32Bit | Read, []));
        Assert.Equal(Kill, BpfMachine.Run(one, Arm, 63, []));
        Assert.Equal(Allow, BpfMachine.Run(all, X86, 3, []));
        Assert.Equal(NotPermitted, BpfMachine.Run(all, X86, Read, []));
        Assert.Equal(Allow, BpfMachine.Run(all, X64, X32Bit | Read, []));
        Assert.Equal(Kill, BpfMachine.Run(all, Arm, 63, []));
    }

    [Theory]
    [InlineData("EQ", 8, 0, 8, 9, 8 + Wide)]
    [InlineData("EQ", 8 + Wide, 0, 8 + Wide, 8, 9 + Wide)]
    [InlineData("GE", 8, 0, 8, 7, 0)]
    [InlineData("GE", 8, 0, Wide, 7, 7)]
    [InlineData("GT", 8 + Wide, 0, 9 + Wide, 8 + Wide, 9)]
    [InlineData("GT", 8 + Wide, 0, 2 * Wide, 8 + Wide, 7 + Wide)]
    [InlineData("LE", 8, 0, 8, 9, Wide)]
    [InlineData("LE", 8 + Wide, 0, 100, 9 + Wide, 2 * Wide)]
    [InlineData("LT", 8, 0, 7, 8, Wide)]
    [InlineData("NE", 8, 0, 9, 8, 8)]
    [InlineData("NE", 8, 0, 8 + Wide, 8, 8)]
    [InlineData("MASKED_EQ", 0xF0, 0x20, 0x2F, 0x1F, 0x30)]
    [InlineData("MASKED_EQ", 0xF0 + Wide, 0x20, 0x2F, 0x2F + Wide, 0x3F)]
    public void A_condition_is_compared_with_both_halves(string name, ulong value, ulong second, ulong met, ulong unmet, ulong other)
    {
        var filter = Compile(
            $$"""
            {"names":["personality"],"action":"SCMP_ACT_ALLOW",
             "args":[{"index":0,"value":{{value}},"valueTwo":{{second}},"op":"SCMP_CMP_{{name}}"}]}
            """);

        Assert.Equal(Allow, BpfMachine.Run(filter, X64, Personality, [met]));
        Assert.Equal(NotPermitted, BpfMachine.Run(filter, X64, Personality, [unmet]));
        Assert.Equal(NotPermitted, BpfMachine.Run(filter, X64, Personality, [other]));
    }

    [Fact]
    public void Conditions_on_several_arguments_must_all_be_met_and_on_one_any()
    {
        var both = Compile(
            """
            {"names":["socket"],"action":"SCMP_ACT_ALLOW",
             "args":[{"index":0,"value":16,"op":"SCMP_CMP_EQ"},{"index":2,"value":9,"op":"SCMP_CMP_NE"}]}
            """);
        var any = Compile(
            """
            {"names":["socket"],"action":"SCMP_ACT_ALLOW",
             "args":[{"index":0,"value":16,"op":"SCMP_CMP_EQ"},{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]}
            """);

        Assert.Equal(Allow, BpfMachine.Run(both, X64, Socket, [16, 0, 8]));
        Assert.Equal(NotPermitted, BpfMachine.Run(both, X64, Socket, [16, 0, 9]));
        Assert.Equal(NotPermitted, BpfMachine.Run(both, X64, Socket, [1, 0, 8]));
        Assert.Equal(Allow, BpfMachine.Run(any, X64, Socket, [1]));
        Assert.Equal(NotPermitted, BpfMachine.Run(any, X64, Socket, [2]));
    }

    [Fact]
    public void Where_rules_overlap_the_strictest_counts()
    {
        var filter = Compile(
            """
            {"names":["socket"],"action":"SCMP_ACT_ALLOW"},
            {"names":["socket"],"action":"SCMP_ACT_ERRNO","errnoRet":22,"args":[{"index":0,"value":16,"op":"SCMP_CMP_EQ"}]},
            {"names":["socket"],"action":"SCMP_ACT_KILL_PROCESS","args":[{"index":0,"value":16,"op":"SCMP_CMP_EQ"}]}
            """);

        Assert.Equal(0x80000000, BpfMachine.Run(filter, X64, Socket, [16]));
        Assert.Equal(Allow, BpfMachine.Run(filter, X64, Socket, [1]));
    }

    [Fact]
    public void Calls_within_the_socket_call_of_i386_are_the_profiles()
    {
        var filter = Compile("""{"names":["connect"],"action":"SCMP_ACT_ALLOW"}""", "SCMP_ARCH_X86");

        Assert.Equal(Allow, BpfMachine.Run(filter, X86, 362, []));
        Assert.Equal(Allow, BpfMachine.Run(filter, X86, 102, [3]));
        Assert.Equal(NotPermitted, BpfMachine.Run(filter, X86, 102, [1]));
    }

    [Theory]
    [InlineData("""{"names":["read"],"action":"SCMP_ACT_NOTIFY"}""")]
    [InlineData("""{"names":["read"],"action":"SCMP_ACT_ODD"}""")]
    [InlineData("""{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_ODD"}]}""")]
    [InlineData("""{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":6,"value":1,"op":"SCMP_CMP_EQ"}]}""")]
    [InlineData("""{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[1]}""")]
    public void What_cannot_be_compiled_is_refused(string rule) => Assert.Throws<InvalidDataException>(() => Compile(rule));

    /// <summary>Podman's whole profile: the verifier, which has been compared with real filters, finds nothing weaker in it.</summary>
    [Fact]
    public void Filter_of_Podmans_profile_is_as_strict_as_the_profile_and_allows_as_much()
    {
        var profile = GoldenImages.Spec.Linux!.Seccomp!;
        var filter = SeccompCompiler.Compile(profile);

        Assert.Null(SpecFilter.FromSpec(profile)!.FindWeaker(FilterProgram.Parse(filter, new FilterStepBudget())!));
        foreach (var (name, number) in SyscallTable.Wide64())
        {
            var rules = profile.Syscalls!.Where(rule => rule.Names.Contains(name)).ToList();
            if (rules.Count > 0 && rules.All(rule => rule.Action == "SCMP_ACT_ALLOW" && rule.Args is null))
                Assert.Equal(Allow, BpfMachine.Run(filter, X64, number, []));
        }
    }

    private static byte[] Compile(string rules, params string[] architectures)
    {
        var names = string.Join(',', architectures.Select(name => $"\"{name}\""));
        var json = $$$$"""
            {"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","architectures":[{{{{names}}}}],"syscalls":[{{{{rules}}}}]}}}
            """;
        return SeccompCompiler.Compile(JsonSerializer.Deserialize(json, EngineJson.Default.OciSpec)!.Linux!.Seccomp!);
    }
}
