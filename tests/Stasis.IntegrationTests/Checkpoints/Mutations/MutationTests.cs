using Stasis.Engine.Criu.Images;
using Stasis.Tests.Mutations;
using Xunit;

namespace Stasis.IntegrationTests.Checkpoints.Mutations;

/// <summary>
/// Each field of each image of real checkpoints takes each nasty value of its type. What docs/image-fields.md says of the field must
/// be true of what the image verifier finds.
/// </summary>
public sealed class MutationTests(MutableCheckpoints checkpoints) : IClassFixture<MutableCheckpoints>
{
    private const int Fewest = 4000;
    private const string Format = "image-format";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20); // on a machine that is busy with other things

    private readonly Dictionary<string, ConfinedCheckpoint> _confined =
        checkpoints.All.ToDictionary(checkpoint => checkpoint.Name, checkpoint => new ConfinedCheckpoint(checkpoint));

    private static readonly string Repository = Environment.GetEnvironmentVariable("STASIS_REPO")
        ?? throw new InvalidOperationException("STASIS_REPO must name the repository: start the tests with eng/test.sh");

    private static string Page => Path.Combine(Repository, ImageFieldTable.Page);

    // Messages that none of the checkpoints has: of another architecture, of namespaces that CRIU would create, and what the verifier or
    // CRIU refuses.
    private static readonly HashSet<string> Absent =
    [
        "aio_ring_entry", "dump_stats_entry", "ext_file_entry", "net_device_entry", "netns_id", "pac_address_keys", "pac_generic_keys",
        "pac_keys", "packet_ring", "pidfd_entry", "pidns_entry", "restore_stats_entry", "stats_entry", "sysctl_entry",
        "thread_info_aarch64", "uid_gid_extent", "user_aarch64_fpsimd_context_entry", "user_aarch64_regs_entry", "userns_entry",
    ];

    // CRIU saves a shadow stack where the processor can have one, whether the kernel says so in /proc/cpuinfo or not.
    private const string ShadowStack = "user_x86_cet_entry";

    [Fact]
    public void Nothing_is_found_in_what_CRIU_wrote() =>
        Assert.All(checkpoints.All, checkpoint => Assert.Empty(checkpoint.Verify("", [])));

    [Fact]
    public void Mutations_are_found_by_the_rules_that_hold_their_fields()
    {
        var mutator = new ImageMutator(LongForm.IsAsked ? 4 : 1);
        var results = checkpoints.All
            .SelectMany(checkpoint => mutator.Create(checkpoint.Images).Select(mutation => (checkpoint, mutation)))
            .AsParallel()
            .Select(pair => MutationResult.Of(pair.checkpoint, pair.mutation))
            .ToList();
        WriteReport(results);

        Assert.True(results.Count >= Fewest, $"{results.Count} mutations");
        var problems = results.Where(result => result.Error is not null || result.Time > Longest).Select(result => result.ToString())
            .Concat(FindDifferences(results))
            .Concat(FindMissing(mutator.Messages))
            .ToList();
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private IEnumerable<string> FindDifferences(IReadOnlyList<MutationResult> results)
    {
        var byField = results.ToLookup(result => $"{result.Mutation.Message}.{result.Mutation.Field}");
        foreach (var row in ImageFieldTable.Read(Page))
        {
            List<MutationResult> ofField = [.. byField[row.ToString()]];
            if (row.Rules.Count > 0 && ofField.Count > 0 && !row.IsConditional && !ofField.Exists(result => IsHeld(row, result)))
                yield return $"{row}: no value is refused by {string.Join(" or ", row.Rules)}";
            if (row.Rules.Count > 0 && row.Note.Length == 0 && ofField.Find(result => result.IsAccepted) is { } left)
                yield return $"{row}: the page says nothing of values that are left: {left}";
            if (row.IsLocal && ofField.Find(result => result.Rules.Any(rule => rule != Format)) is { } refused)
                yield return $"{row}: the page names no rule: {refused}";
        }
    }

    // Some rules let pass what the container's capabilities allow.
    private bool IsHeld(ImageFieldRow row, MutationResult result) => row.Rules.Any(result.Rules.Contains)
        || (result.IsAccepted && _confined[result.Checkpoint].IsRefused(result.Mutation, row.Rules));

    private static IEnumerable<string> FindMissing(HashSet<string> messages) =>
        from name in ImageSchema.Names
        where name != ShadowStack && messages.Contains(name) == Absent.Contains(name)
        select $"{name}: {(Absent.Contains(name) ? "a" : "no")} checkpoint has it";

    // For a look at what is accepted.
    private static void WriteReport(IEnumerable<MutationResult> results)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository, "artifacts/tests")).FullName;
        File.WriteAllLines(
            Path.Combine(folder, "mutations.txt"),
            results.Select(result => result.ToString()).Order(StringComparer.Ordinal));
    }
}
