using System.Globalization;
using Stasis.EndToEndTests.Attacks;
using Xunit;

namespace Stasis.EndToEndTests.Engines;

/// <summary>
/// Hostile archives that are restored by Docker and by containerd's CRI are refused, or do no harm: the peer, in which the engines run, is
/// what it was before, and a container that was restored has no more than the engine gives its containers.
/// </summary>
[Collection<PeerIsOurs>]
public sealed class EngineAttackTests(EngineAttackGround ground) : IClassFixture<EngineAttackGround>
{
    public static TheoryData<string> Engines => ["docker", "cri"];

    // The short form has the typical attacks of each kind, or one of them.
    public static TheoryData<AttackKind, string> Kinds =>
        [.. from kind in Enum.GetValues<AttackKind>() from engine in (string[])["docker", "cri"] select (kind, engine)];

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task The_archive_that_attacks_are_made_from_is_restored(string engine)
    {
        var outcome = await ground.TryPlainAsync(engine);

        Assert.True(outcome is { ExitCode: 0, OnHost: [], InContainer: [] }, outcome.ToString());
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_restored_container_has_no_more_than_the_engine_gives(string engine)
    {
        var more = (await ground.CompareWithFreshAsync(engine)).Where(difference => !IsNoMore(difference)).ToList();

        Assert.True(more.Count == 0, string.Join('\n', more));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Attacks_are_refused_or_harmless(AttackKind kind, string engine)
    {
        var attacks = AttackCatalog.OfKind(kind).ToList();
        var typical = attacks.Where(attack => attack.IsTypical).DefaultIfEmpty(attacks[0]);
        var problems = new List<string>();
        foreach (var attack in LongForm.IsAsked ? attacks : typical)
        {
            var outcome = await ground.TryAsync(attack, engine);
            AttackReport.Add(engine, outcome);
            if (Judge(outcome).ToList() is { Count: > 0 } found)
                problems.Add($"{string.Join("; ", found)}: {outcome}");
        }

        Assert.True(problems.Count == 0, $"{problems.Count} of the attacks:\n  {string.Join("\n  ", problems)}");
    }

    private static bool IsNoMore(Difference difference)
    {
        var (subject, before, after) = difference;
        if (subject.StartsWith("mount at ", StringComparison.Ordinal) && after is not null)
            return before is null ? IsOwnMount(after) : IsNoLessRestricted(before, after);
        if (subject.StartsWith("process ", StringComparison.Ordinal) && !subject.StartsWith("process 1 ", StringComparison.Ordinal))
            return true; // has another PID in each container
        if (before is null || after is null)
            return false;
        return subject.EndsWith(": Groups", StringComparison.Ordinal) ? after.Length == 0
            : subject.EndsWith(": oom_score_adj", StringComparison.Ordinal)
                && int.Parse(after, CultureInfo.InvariantCulture) >= int.Parse(before, CultureInfo.InvariantCulture);
    }

    // "root ROOT options OPTIONS [PROPAGATION] TYPE SOURCE OPTIONS": a tmpfs, or what is read-only of the container's own /proc.
    private static bool IsOwnMount(string mount) => mount.Split(' ') is [_, _, _, var options, "[]", var type, ..]
        && (type == "tmpfs" || (type == "proc" && options.Split(',').Contains("ro")));

    private static bool IsNoLessRestricted(string before, string after) =>
        before.Split(' ') is [_, var root, _, var options, "[]", var type, ..]
        && after.Split(' ') is [_, var newRoot, _, var newOptions, "[]", var newType, ..]
        && (root, type) == (newRoot, newType)
        && options.Split(',').Except(newOptions.Split(',')).All(option => option == "rw");

    private static IEnumerable<string> Judge(Outcome outcome)
    {
        if (outcome.OnHost.Count > 0)
            yield return "the host was changed";
        // Of the options of a tmpfs, the bundle leaves the archive its root's mode, which the container may set itself.
        if (outcome.InContainer.Count > 0 && outcome.Attack is { Harmless: null, Name: not "tmpfs-options" })
            yield return "the container has what it should not have";
        if (outcome.IsRestored)
            yield break;
        if (!outcome.Message.Contains("ARCHIVE", StringComparison.Ordinal))
            yield return "the refusal names no archive";
        if (outcome.Message.Contains('\n', StringComparison.Ordinal))
            yield return "the refusal has more than one line";
        foreach (var missing in RefusalText.FindMissing(outcome.Attack, outcome.Message, beforeRule: " "))
            yield return missing;
    }
}
