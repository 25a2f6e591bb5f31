using System.Text.Json;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images.Tasks;
using Stasis.Tests.Mutations;
using Xunit;

namespace Stasis.UnitTests.Vetting.Images;

/// <summary>Limits, priorities and login UIDs of processes are compared with the spec alone.</summary>
public class TaskLimitTests
{
    private const int FileSize = 1, NumberOfFiles = 7, MemoryLock = 8, Nice = 13, RealTime = 14;

    [Fact]
    public void Limits_of_CRIUs_images_have_no_finding() => Assert.Empty(Find(_ => { }));

    [Theory]
    [InlineData(NumberOfFiles, 1UL << 30, "image-rlimit:NOFILE=1073741824")]
    [InlineData(MemoryLock, 1UL << 30, "image-rlimit:MEMLOCK=1073741824")] // the spec has none
    [InlineData(MemoryLock, ulong.MaxValue, "image-rlimit:MEMLOCK=18446744073709551615")]
    [InlineData(Nice, 40, "image-rlimit:NICE=40")]
    [InlineData(RealTime, 99, "image-rlimit:RTPRIO=99")]
    public void A_limit_above_the_specs_must_be_allowed(int limit, ulong hard, string allow)
    {
        Assert.Equal(allow, Assert.Single(Find(core => Limit(core, limit, hard))).Allow);
        Assert.Empty(Find(core => Limit(core, limit, hard), MountTests.With("CAP_SYS_RESOURCE")));
    }

    [Theory]
    [InlineData(NumberOfFiles, 1000)]
    [InlineData(FileSize, ulong.MaxValue)]
    [InlineData(MemoryLock, 65536)]
    public void A_limit_that_the_container_may_have_is_no_finding(int limit, ulong hard) =>
        Assert.Empty(Find(core => Limit(core, limit, hard)));

    [Fact]
    public void A_limit_of_the_specs_is_no_finding() =>
        Assert.Empty(Find(core => Limit(core, MemoryLock, 1UL << 30), WithLimit("RLIMIT_MEMLOCK", 1UL << 30)));

    [Theory]
    [InlineData(1, 0, 99, "image-sched:1")]
    [InlineData(2, 0, 1, "image-sched:2")]
    [InlineData(6, 0, 0, "image-sched:6")]
    [InlineData(0, -20, 0, "image-sched:-20")]
    [InlineData(0, -1, 0, "image-sched:-1")]
    public void A_priority_beyond_the_specs_must_be_allowed_whatever_limits_the_image_has(int policy, int nice, int priority, string allow)
    {
        var found = Find(core =>
        {
            Limit(core, Nice, 40);
            Limit(core, RealTime, 99);
            Schedule(core, policy, nice, priority);
        });
        Assert.Contains(allow, found.Select(finding => finding.Allow));
        Assert.Empty(Find(core => Schedule(core, policy, nice, priority), MountTests.With("CAP_SYS_NICE")));
    }

    [Theory]
    [InlineData("RLIMIT_NICE", 21, 0, -1, 0, true)]
    [InlineData("RLIMIT_NICE", 21, 0, -2, 0, false)]
    [InlineData("RLIMIT_RTPRIO", 10, 1, 0, 10, true)]
    [InlineData("RLIMIT_RTPRIO", 10, 1, 0, 11, false)]
    [InlineData("RLIMIT_RTPRIO", 99, 6, 0, 0, false)] // deadlines are for CAP_SYS_NICE alone
    public void A_priority_within_the_specs_limit_is_no_finding(string limit, ulong hard, int policy, int nice, int priority,
        bool isPlain) =>
        Assert.Equal(isPlain, Find(core => Schedule(core, policy, nice, priority), WithLimit(limit, hard)).Count == 0);

    [Theory]
    [InlineData("""{"policy":"SCHED_FIFO","priority":5}""", 1, 0, 5, true)]
    [InlineData("""{"policy":"SCHED_FIFO","priority":5}""", 1, 0, 6, false)]
    [InlineData("""{"policy":"SCHED_OTHER","nice":-5}""", 0, -5, 0, true)]
    [InlineData("""{"policy":"SCHED_OTHER","nice":-5}""", 0, -6, 0, false)]
    public void A_priority_of_the_specs_scheduler_is_no_finding(string scheduler, int policy, int nice, int priority, bool isPlain)
    {
        var spec = GoldenImages.Spec;
        var unknown = new Dictionary<string, JsonElement> { ["scheduler"] = JsonDocument.Parse(scheduler).RootElement };
        Assert.Equal(
            isPlain,
            Find(core => Schedule(core, policy, nice, priority),
                spec with { Process = spec.Process! with { Unknown = unknown } }).Count == 0);
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(0, 0, 5)]
    [InlineData(9, 0, 0)]
    [InlineData(0, -21, 0)]
    public void A_priority_that_does_not_exist_is_always_refused(int policy, int nice, int priority) =>
        Assert.Null(Assert.Single(Find(core => Schedule(core, policy, nice, priority), MountTests.With("CAP_SYS_NICE"))).Allow);

    [Theory]
    [InlineData(1000u, "image-loginuid:1000")]
    [InlineData(0u, "image-loginuid:0")]
    public void A_login_of_another_user_must_be_allowed(uint login, string allow) =>
        Assert.Equal(allow, Assert.Single(Find(core => core.Set("tc.loginuid", login))).Allow);

    [Fact]
    public void No_login_is_no_finding() => Assert.Empty(Find(core => core.Set("tc.loginuid", uint.MaxValue)));

    [Theory]
    [InlineData(0, -1, false)]
    [InlineData(500, 499, false)]
    [InlineData(500, 500, true)]
    [InlineData(500, 1000, true)]
    [InlineData(-500, -500, true)]
    [InlineData(-500, -501, false)]
    public void A_score_below_the_specs_is_found(int wanted, int score, bool isPlain)
    {
        var spec = GoldenImages.Spec;
        var unknown = new Dictionary<string, JsonElement> { ["oomScoreAdj"] = JsonSerializer.SerializeToElement(wanted) };
        var found = Find(core => core.Set("tc.oom_score_adj", (long)score),
            spec with { Process = spec.Process! with { Unknown = unknown } })
            .Where(finding => finding.Where.Contains("core-1.img", StringComparison.Ordinal));
        Assert.Equal(isPlain, !found.Any());
    }

    private static IReadOnlyList<Finding> Find(Action<ImageNode> change, OciSpec? spec = null)
    {
        var images = new GoldenImages();
        var core = new ForgedRecords(images, "core-");
        change(core.All[0]);
        core.Write();
        return images.Verify(spec ?? GoldenImages.Spec, ProcessTreeImageRule.Check, TaskCompletenessImageRule.Check, LimitImageRule.Check);
    }

    private static void Limit(ImageNode core, int limit, ulong hard) =>
        core.Set($"tc.rlimits.rlimits[{limit}].max", hard).Set($"tc.rlimits.rlimits[{limit}].cur", 0);

    private static void Schedule(ImageNode core, int policy, int nice, int priority)
    {
        core.Set("thread_core.sched_policy", policy).Set("thread_core.sched_nice", (ulong)(uint)((nice << 1) ^ (nice >> 31)));
        if (priority != 0)
            core.Set("thread_core.sched_prio", priority);
    }

    private static OciSpec WithLimit(string type, ulong hard)
    {
        var process = GoldenImages.Spec.Process!;
        var limit = new OciRlimit { Type = type, Hard = hard, Soft = hard };
        return GoldenImages.Spec with { Process = process with { Rlimits = [.. process.Rlimits!, limit] } };
    }
}
