using Stasis.Tests.Mutations;
using Xunit;

namespace Stasis.EndToEndTests.Attacks;

/// <summary>
/// Archives with one field of one image changed, which the image verifier accepts, do nothing to the host. The restore may fail, and the
/// container may crash or run.
/// </summary>
[Collection<HostIsOurs>]
public sealed class MutationTests(MutationGround ground) : IClassFixture<MutationGround>
{
    private const int FewMessages = 25; // of the short form
    private const int Together = 25; // between two looks at the host

    [Fact]
    public async Task Archives_that_mutations_are_made_of_are_restored()
    {
        var problems = new List<string>();
        foreach (var target in ground.Targets)
            problems.AddRange(await ground.TryAsync(target, [null]));

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public async Task Accepted_mutations_are_harmless()
    {
        var mutator = new ImageMutator(occurrences: 1);
        var accepted = ground.Targets
            .SelectMany(target => target.FindAccepted(mutator).Select(mutation => (Target: target, Mutation: mutation)))
            .ToList();
        var tried = LongForm.IsAsked ? accepted : Spread(accepted);
        var problems = new List<string>();
        foreach (var ofTarget in tried.GroupBy(pair => pair.Target))
        {
            foreach (var batch in ofTarget.Select(pair => pair.Mutation).Chunk(Together))
                problems.AddRange(await ground.TryAsync(ofTarget.Key, batch));
        }

        Assert.True(problems.Count == 0, $"{problems.Count} of {tried.Count} mutations:\n  {string.Join("\n  ", problems)}");
    }

    /// <summary>
    /// CRIU fails, kills the first process and waits for it, which waits until the zombies that CRIU traces are reaped: for ever, if nobody
    /// kills CRIU.
    /// </summary>
    [Fact]
    public async Task A_restore_in_which_CRIU_waits_for_itself_ends()
    {
        var target = ground.Targets.Single(target => target.Shape.Name == "everything");
        var mutation = target.FindAccepted(new ImageMutator(occurrences: 1))
            .Single(mutation => mutation.ToString() == "core-1.img[0] thread_core.creds.fsgid = 4294967295");
        Assert.Empty(await ground.TryAsync(target, [mutation]));
    }

    // Of every so many messages, another of its mutations each time.
    private static List<(MutationTarget Target, Mutation Mutation)> Spread(List<(MutationTarget Target, Mutation Mutation)> all)
    {
        var messages = all.GroupBy(pair => pair.Mutation.Message).Select(group => group.ToList()).ToList();
        return
        [
            .. Enumerable.Range(0, FewMessages)
                .Select(index => messages[index * messages.Count / FewMessages])
                .Select((message, index) => message[index * 7 % message.Count]),
        ];
    }
}
