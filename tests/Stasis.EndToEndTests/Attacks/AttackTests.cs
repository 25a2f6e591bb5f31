using Stasis.EndToEndTests.Harness;
using Xunit;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>
/// Hostile archives are refused, or do no harm. Both are proven by what the host looks like before and after, and by what a container
/// that was restored has, not by a message.
/// </summary>
[Collection<HostIsOurs>]
public sealed class AttackTests(AttackGround ground) : IClassFixture<AttackGround>
{
    /// <summary>A build that can switch defences off; see eng/test.sh.</summary>
    private static readonly string? Switches = Environment.GetEnvironmentVariable("STASIS_SWITCHES_BIN");

    /// <summary>What is switched off, with commas between.</summary>
    // The short form has the defence that all others stand behind.
    public static TheoryData<string> Off => LongForm.IsAsked ? ["vetting", "jail", "look", "vetting,look"] : ["jail"];

    [Fact]
    public async Task The_archive_that_attacks_are_made_from_is_restored()
    {
        var outcome = await ground.TryPlainAsync(StasisHost.Binary);

        Assert.True(outcome is { ExitCode: 0, OnHost: [], InContainer: [] }, outcome.ToString());
    }

    [Fact]
    public Task Mounts_are_refused_or_harmless() => AreRefusedOrHarmlessAsync(AttackKind.Mounts);

    [Fact]
    public Task Mount_flags_are_refused_or_harmless() => AreRefusedOrHarmlessAsync(AttackKind.MountFlags);

    [Fact]
    public Task Ghosts_are_refused_or_harmless() => AreRefusedOrHarmlessAsync(AttackKind.Ghosts);

    [Fact]
    public Task Proc_files_are_refused_or_harmless() => AreRefusedOrHarmlessAsync(AttackKind.ProcFiles);

    [Fact]
    public Task Cgroups_are_refused_or_harmless() => AreRefusedOrHarmlessAsync(AttackKind.Cgroups);

    [Fact]
    public Task Config_values_are_refused_or_harmless() => AreRefusedOrHarmlessAsync(AttackKind.ConfigValues);

    /// <summary>Bombs are refused by limits of reading and vetting. With a defence off, they would prove nothing.</summary>
    [Fact]
    public Task Bombs_are_refused_or_harmless() => AreRefusedOrHarmlessAsync(AttackKind.Bombs);

    /// <summary>Of an archive that vetting refuses. Were it refused by the other build too, the tests below would prove nothing.</summary>
    [Fact]
    public async Task A_production_build_has_no_switch_and_the_other_has()
    {
        const string Says = "image-mount /dev/shm: not nosuid";
        var refused = AttackCatalog.OfKind(AttackKind.MountFlags).Single(attack => attack.Name == "shm-suid-dev");

        Assert.Contains(Says, (await ground.TryAsync(refused, StasisHost.Binary, "vetting,jail,look")).Message, StringComparison.Ordinal);
        Assert.Contains(Says, (await ground.TryAsync(refused, RequireSwitches(), "")).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Says, (await ground.TryAsync(refused, RequireSwitches(), "vetting")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Off))]
    public Task Mounts_with_defences_off(string off) => AreHarmlessAsync(AttackKind.Mounts, off);

    [Theory]
    [MemberData(nameof(Off))]
    public Task Mount_flags_with_defences_off(string off) => AreHarmlessAsync(AttackKind.MountFlags, off);

    [Theory]
    [MemberData(nameof(Off))]
    public Task Ghosts_with_defences_off(string off) => AreHarmlessAsync(AttackKind.Ghosts, off);

    [Theory]
    [MemberData(nameof(Off))]
    public Task Proc_files_with_defences_off(string off) => AreHarmlessAsync(AttackKind.ProcFiles, off);

    [Theory]
    [MemberData(nameof(Off))]
    public Task Cgroups_with_defences_off(string off) => AreHarmlessAsync(AttackKind.Cgroups, off);

    [Theory]
    [MemberData(nameof(Off))]
    public Task Config_values_with_defences_off(string off) => AreHarmlessAsync(AttackKind.ConfigValues, off);

    private async Task AreRefusedOrHarmlessAsync(AttackKind kind)
    {
        var problems = new List<string>();
        foreach (var attack in AttackCatalog.OfKind(kind))
        {
            var outcome = await ground.TryAsync(attack, StasisHost.Binary, "");
            AttackReport.Add("all on", outcome);
            Add(problems, outcome, [.. Judge(outcome), .. JudgeRefusal(outcome)]);
        }

        Assert.True(problems.Count == 0, Describe(problems));
    }

    private async Task AreHarmlessAsync(AttackKind kind, string off)
    {
        var program = RequireSwitches();
        var problems = new List<string>();
        foreach (var attack in AttackCatalog.OfKind(kind).Where(attack => LongForm.IsAsked || attack.IsTypical))
        {
            var outcome = await ground.TryAsync(attack, program, off);
            AttackReport.Add($"without {off}", outcome);
            Add(problems, outcome, Judge(outcome, isJailAlone: off == "vetting,look"));
        }

        Assert.True(problems.Count == 0, Describe(problems));
    }

    private static string RequireSwitches()
    {
        Assert.True(Switches is not null, "STASIS_SWITCHES_BIN must name a build with switches: start the tests with eng/test.sh e2e");
        return Switches;
    }

    // What must hold with whatever defence.
    private static IEnumerable<string> Judge(Outcome outcome, bool isJailAlone = false)
    {
        if (outcome.OnHost.Count > 0)
            yield return "the host was changed";
        if (outcome.InContainer.Count > 0 && outcome.Attack.Harmless is null && !(isJailAlone && outcome.Attack.IsSeenInJail))
            yield return "the container has what it should not have";
        if (outcome.ExitCode is not (0 or 125)
            || (outcome.ExitCode == 125 && !$"\n{outcome.Message}".Contains("\nError: ", StringComparison.Ordinal)))
            yield return "it was not refused in words";
    }

    private static IEnumerable<string> JudgeRefusal(Outcome outcome)
    {
        if (outcome.Cost is { } cost && !cost.IsWithin(Cost.Limit))
            yield return $"more than {Cost.Limit}";
        if (outcome.IsRestored)
            yield break;
        // Warnings come first, and name the archive too.
        var refusal = outcome.Message[Math.Max(0, outcome.Message.IndexOf("Error: ", StringComparison.Ordinal))..];
        if (!refusal.Contains("ARCHIVE", StringComparison.Ordinal))
            yield return "the refusal names no archive";
        foreach (var missing in RefusalText.FindMissing(outcome.Attack, refusal, beforeRule: "\n  "))
            yield return missing;
    }

    private static void Add(List<string> problems, Outcome outcome, IEnumerable<string> found)
    {
        if (found.ToList() is { Count: > 0 } list)
            problems.Add($"{string.Join("; ", list)}: {outcome}");
    }

    private static string Describe(List<string> problems) => $"{problems.Count} of the attacks:\n  {string.Join("\n  ", problems)}";
}
