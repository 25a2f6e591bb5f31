using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.RuntimeCommand;
using Stasis.UnitTests.Criu;
using Xunit;

namespace Stasis.UnitTests.RuntimeCommand;

/// <summary>What a task's image keeps of its capabilities and limits under another spec.</summary>
public sealed class CoreConfinementTests
{
    private const ulong All = uint.MaxValue;

    [Fact]
    public void Capabilities_are_those_that_both_have()
    {
        var credentials = Confine("""{"capabilities":{"bounding":["CAP_CHOWN","CAP_KILL","CAP_SYSLOG"]},"noNewPrivileges":true}""")
            .Child("thread_core")!.Value.Child("creds")!.Value;

        Assert.Equal([0x21UL, 4UL], credentials.Numbers("cap_bnd")); // 0 and 5; 34
        Assert.Equal([0x20UL, 0UL], credentials.Numbers("cap_eff"));
        Assert.False(credentials.Has("cap_amb"));
        Assert.Equal(1u, credentials.U32("no_new_privs"));
    }

    [Fact]
    public void Limits_become_no_larger_than_the_specs()
    {
        var limits = ReadLimits(Confine("""{"rlimits":[{"type":"RLIMIT_NOFILE","hard":1024,"soft":512}]}"""));

        Assert.Equal((1024UL, 1024UL), limits[7]); // RLIMIT_NOFILE
        Assert.Equal((8UL << 20, 8UL << 20), limits[8]); // RLIMIT_MEMLOCK: the kernel's default, as the spec has none
        Assert.Equal((ulong.MaxValue, ulong.MaxValue), limits[9]);
    }

    [Fact]
    public void Who_may_raise_limits_keeps_them()
    {
        var limits = ReadLimits(Confine(
            """{"capabilities":{"bounding":["CAP_SYS_RESOURCE"]},"rlimits":[{"type":"RLIMIT_NOFILE","hard":1024,"soft":512}]}"""));

        Assert.Equal((1UL << 20, 1UL << 20), limits[7]);
    }

    private static ImageRecord Confine(string process)
    {
        var spec = JsonSerializer.Deserialize($$"""{"process":{{process}}}""", EngineJson.Default.OciSpec)!;
        var credentials = MinimalRecord.Of("creds_entry").WithNumbers("cap_bnd", [All, All]).WithNumbers("cap_eff", [0x30, 0]);
        var limits = Enumerable.Range(0, 10).Select(number => MinimalRecord.Of("rlimit_entry")
            .With("cur", number == 7 ? 1UL << 20 : ulong.MaxValue).With("max", number == 7 ? 1UL << 20 : ulong.MaxValue));
        var task = MinimalRecord.Of("task_core_entry")
            .With("rlimits", MinimalRecord.Of("task_rlimits_entry").WithChildren("rlimits", [.. limits]));
        var core = MinimalRecord.Of("core_entry").With("tc", task)
            .With("thread_core", MinimalRecord.Of("thread_core_entry").With("creds", credentials));
        return new CoreConfinement(spec).Apply(core);
    }

    private static List<(ulong, ulong)> ReadLimits(ImageRecord core) =>
    [
        .. core.Child("tc")!.Value.Child("rlimits")!.Value.Children("rlimits").Select(limit => (limit.Number("cur"), limit.Number("max"))),
    ];
}
