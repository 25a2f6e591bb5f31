using System.Buffers.Binary;
using System.Text.Json;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Seccomp;
using Xunit;

namespace Stasis.UnitTests.Vetting.Images;

/// <summary>Whether a recorded filter is as strict as a spec's rules, for small ones that a person can check.</summary>
public class SeccompTests
{
    private const ushort Load = 0x20, Equal = 0x15, Greater = 0x25, And = 0x54, Return = 0x06;
    private const uint Allow = 0x7fff0000, Errno = 0x00050026, X64 = 0xC000003E;

    // read, and personality with 0 or 8.
    private static readonly OciSeccomp Spec = new()
    {
        DefaultAction = "SCMP_ACT_ERRNO",
        Architectures = ["SCMP_ARCH_X86_64"],
        Syscalls =
        [
            new OciSyscall { Names = ["read", "no_such_call"], Action = "SCMP_ACT_ALLOW" },
            new OciSyscall
            {
                Names = ["personality"],
                Action = "SCMP_ACT_ALLOW",
                Args = Args("""[{"index":0,"value":8,"op":"SCMP_CMP_EQ"}]"""),
            },
            new OciSyscall
            {
                Names = ["socket"],
                Action = "SCMP_ACT_ALLOW",
                Args = Args("""[{"index":0,"value":16,"op":"SCMP_CMP_NE"}]"""),
            },
            new OciSyscall
            {
                Names = ["clone"],
                Action = "SCMP_ACT_ALLOW",
                Args = Args("""[{"index":0,"value":2114060288,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"}]"""),
            },
        ],
    };

    [Fact]
    public void Filter_of_the_spec_is_as_strict() => Assert.Null(Weaker(
        (Load, 0, 0, 4), (Equal, 1, 0, X64), (Return, 0, 0, 0),
        (Load, 0, 0, 0), (Equal, 0, 1, 0), (Return, 0, 0, Allow),
        (Equal, 0, 5, 135), (Load, 0, 0, 20), (Equal, 0, 15, 0), (Load, 0, 0, 16), (Equal, 0, 13, 8), (Return, 0, 0, Allow),
        (Equal, 0, 5, 41), (Load, 0, 0, 20), (Equal, 0, 8, 0), (Load, 0, 0, 16), (Equal, 7, 0, 16), (Return, 0, 0, Allow),
        (Equal, 0, 5, 56), (Load, 0, 0, 16), (And, 0, 0, 2114060288), (Equal, 0, 2, 0), (Return, 0, 0, Allow), (Return, 0, 0, Allow),
        (Return, 0, 0, Errno)));

    [Fact]
    public void Refusing_more_is_as_strict() => Assert.Null(Weaker((Return, 0, 0, Errno)));

    [Fact]
    public void Allowing_everything_is_weaker() => Assert.NotNull(Weaker((Return, 0, 0, Allow)));

    [Theory]
    [InlineData(0x7ffc0000u)] // log
    [InlineData(0x7ff00000u)] // trace
    [InlineData(0x7fc00000u)] // notify
    public void Letting_a_call_through_in_another_way_is_weaker(uint verdict) =>
        Assert.NotNull(Weaker((Load, 0, 0, 4), (Equal, 1, 0, X64), (Return, 0, 0, 0), (Return, 0, 0, verdict)));

    [Fact]
    public void Allowing_a_call_for_an_argument_that_the_spec_does_not_is_weaker() =>
        Assert.StartsWith("personality", Weaker(
            (Load, 0, 0, 4),
            (Equal, 1, 0, X64),
            (Return, 0, 0, 0),
            (Load, 0, 0, 0),
            (Equal, 0, 3, 135),
            (Load, 0, 0, 16),
            (Equal, 0, 1, 9),
            (Return, 0, 0, Allow),
            (Return, 0, 0, Errno)), StringComparison.Ordinal);

    [Fact]
    public void Allowing_it_whatever_the_upper_half_is_is_weaker() =>
        Assert.NotNull(Weaker(
            (Load, 0, 0, 4),
            (Equal, 1, 0, X64),
            (Return, 0, 0, 0),
            (Load, 0, 0, 0),
            (Equal, 0, 3, 135),
            (Load, 0, 0, 16),
            (Equal, 0, 1, 8),
            (Return, 0, 0, Allow),
            (Return, 0, 0, Errno)));

    [Fact]
    public void Allowing_it_for_a_range_is_weaker() =>
        Assert.NotNull(Weaker(
            (Load, 0, 0, 4),
            (Equal, 1, 0, X64),
            (Return, 0, 0, 0),
            (Load, 0, 0, 0),
            (Equal, 0, 3, 41),
            (Load, 0, 0, 16),
            (Greater, 0, 1, 15),
            (Return, 0, 0, Allow),
            (Return, 0, 0, Errno)));

    [Fact]
    public void Allowing_a_range_that_the_spec_allows_is_as_strict() =>
        Assert.Null(Weaker(
            (Load, 0, 0, 4),
            (Equal, 1, 0, X64),
            (Return, 0, 0, 0),
            (Load, 0, 0, 0),
            (Equal, 0, 3, 41),
            (Load, 0, 0, 16),
            (Greater, 0, 1, 16),
            (Return, 0, 0, Allow),
            (Return, 0, 0, Errno)));

    [Fact]
    public void Ways_that_no_argument_can_take_do_not_count() =>
        Assert.Null(Weaker((Load, 0, 0, 16), (Equal, 0, 2, 1), (Equal, 0, 1, 2), (Return, 0, 0, Allow), (Return, 0, 0, Errno)));

    [Fact]
    public void Another_architecture_is_not_the_spec_s() => Assert.EndsWith(
        "(i386) Allow",
        Weaker((Load, 0, 0, 4), (Equal, 0, 1, 0x40000003), (Return, 0, 0, Allow), (Return, 0, 0, Errno)),
        StringComparison.Ordinal);

    [Fact]
    public void Calls_newer_than_the_table_may_be_the_spec_s() =>
        Assert.Null(Weaker(
            (Load, 0, 0, 4),
            (Equal, 1, 0, X64),
            (Return, 0, 0, 0),
            (Load, 0, 0, 0),
            (Equal, 0, 1, 480),
            (Return, 0, 0, Allow),
            (Return, 0, 0, Errno)));

    [Fact]
    public void Filters_that_libseccomp_would_not_write_are_refused()
    {
        Assert.Null(FilterProgram.Parse(Bytes((0xa4, 0, 0, 1), (Return, 0, 0, Errno)), new FilterStepBudget())); // xor
        Assert.Null(FilterProgram.Parse(Bytes((Equal, 5, 0, 1), (Return, 0, 0, Errno)), new FilterStepBudget())); // out of the program
        Assert.Null(FilterProgram.Parse(Bytes((Load, 0, 0, 64), (Return, 0, 0, Errno)), new FilterStepBudget())); // out of the data
        Assert.Null(FilterProgram.Parse(Bytes((Load, 0, 0, 0)), new FilterStepBudget())); // no end
        Assert.Null(FilterProgram.Parse([], new FilterStepBudget()));
    }

    [Fact]
    public void A_filter_of_many_ways_is_given_up()
    {
        var code = new List<(ushort, byte, byte, uint)>();
        for (uint i = 0; i < 2000; i++)
            code.AddRange([(Load, 0, 0, 16 + (4 * (i % 12))), (Equal, 0, 0, i)]);
        Assert.NotNull(Weaker([.. code, (Return, 0, 0, Errno)]));
    }

    // Found by fuzzing: each exclusion was copied with each step, of each call.
    [Fact]
    public void A_filter_that_excludes_many_values_is_given_up_soon()
    {
        var code = new List<(ushort, byte, byte, uint)> { (Load, 0, 0, 16) };
        for (uint i = 0; i < 4090; i++)
            code.Add((Equal, 0, 0, i));
        var begun = Environment.CpuUsage.TotalTime;
        var budget = new FilterStepBudget();
        for (var filters = 0; filters < 64; filters++)
            Assert.EndsWith(
                "with too many conditions to follow",
                SpecFilter.FromSpec(Spec)!.FindWeaker(FilterProgram.Parse(Bytes([.. code, (Return, 0, 0, Errno)]), budget)!),
                StringComparison.Ordinal);
        Assert.True(Environment.CpuUsage.TotalTime - begun < TimeSpan.FromSeconds(20));
    }

    private static string? Weaker(params (ushort, byte, byte, uint)[] code) =>
        SpecFilter.FromSpec(Spec)!.FindWeaker(FilterProgram.Parse(Bytes(code), new FilterStepBudget())!);

    private static byte[] Bytes(params (ushort Code, byte IfTrue, byte IfFalse, uint Value)[] code)
    {
        var bytes = new byte[code.Length * 8];
        for (var i = 0; i < code.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * 8), code[i].Code);
            (bytes[(i * 8) + 2], bytes[(i * 8) + 3]) = (code[i].IfTrue, code[i].IfFalse);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((i * 8) + 4), code[i].Value);
        }
        return bytes;
    }

    private static JsonElement Args(string json) => JsonDocument.Parse(json).RootElement;
}
