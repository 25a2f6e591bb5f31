using System.Runtime.InteropServices;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.Restore;

public sealed class ProcessorCompatibilityTests
{
    private static readonly DumpedProcessor Large = new(DumpedProcessor.X64, HasAvx: true, HasAvx512: true);

    [Fact]
    public void Registers_that_this_processor_lacks_are_refused_by_name()
    {
        Check(Large, "avx", "avx2", "avx512f");
        Check(new DumpedProcessor(DumpedProcessor.X64, HasAvx: true, HasAvx512: false), "avx");
        Check(new DumpedProcessor(DumpedProcessor.X64, HasAvx: false, HasAvx512: false));

        var error = Assert.Throws<StasisException>(() => Check(Large, "avx", "avx2"));
        Assert.StartsWith("a.tar was made on a processor with AVX-512, which this one lacks", error.Message, StringComparison.Ordinal);
        Assert.Contains("--ignore-cpu", error.Remedy, StringComparison.Ordinal);
        var second = Assert.Throws<StasisException>(() => Check(Large with { HasAvx512 = false }));
        Assert.Contains("with AVX,", second.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Registers_are_no_obstacle_if_that_was_said_and_another_architecture_always_is()
    {
        var arm = Large with { Machine = DumpedProcessor.Arm64 };

        ProcessorCompatibility.RequireSuitable(Large, Architecture.X64, new HashSet<string>(), ignoresFeatures: true, "a.tar");
        var error = Assert.Throws<StasisException>(
            () => ProcessorCompatibility.RequireSuitable(arm, Architecture.X64, new HashSet<string>(), ignoresFeatures: true, "a.tar"));
        Assert.Equal("a.tar was made on aarch64, and this machine is x86_64", error.Message);
    }

    private static void Check(DumpedProcessor dumped, params string[] flags) =>
        ProcessorCompatibility.RequireSuitable(dumped, Architecture.X64, flags.ToHashSet(), ignoresFeatures: false, "a.tar");
}
