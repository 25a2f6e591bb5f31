using System.Collections.Concurrent;
using System.Diagnostics;
using Stasis.Engine.Vetting.Findings;
using Stasis.Tests.Mutations;
using Xunit;

namespace Stasis.IntegrationTests.Checkpoints.Mutations;

/// <summary>
/// Each field of each image of real checkpoints takes each nasty value of its type. What docs/image-fields.md says of the field must
/// be true of what the image verifier finds.
/// </summary>
public sealed class MutationTests(MutableCheckpoints checkpoints) : IClassFixture<MutableCheckpoints>
{
    private const int Fewest = 1000;

    [Fact]
    public void Nothing_is_found_in_what_CRIU_wrote() =>
        Assert.All(checkpoints.All, checkpoint => Assert.Empty(checkpoint.Verify("", [])));

    [Fact]
    public void Dump()
    {
        var mutator = new ImageMutator(LongForm.IsAsked ? 4 : 1);
        var all = checkpoints.All.SelectMany(c => mutator.Create(c.Images).Select(m => (c, m))).ToList();
        var results = new ConcurrentBag<(MutableCheckpoint C, Mutation M, IReadOnlyList<Finding> F, TimeSpan Time)>();
        var errors = new ConcurrentBag<string>();
        Parallel.ForEach(all, pair =>
        {
            var watch = Stopwatch.StartNew();
            try
            {
                var f = pair.c.Verify(pair.m.File, pair.m.Make(pair.c.Images[pair.m.File]));
                results.Add((pair.c, pair.m, f, watch.Elapsed));
            }
            catch (Exception e)
            {
                errors.Add($"{pair.c.Name} {pair.m}: {e}");
            }
        });
        File.WriteAllLines("/tmp/mut-results.txt", results.OrderBy(r => r.M.Message, StringComparer.Ordinal).ThenBy(r => r.M.Field, StringComparer.Ordinal)
            .Select(r => $"{r.M.Message}\t{r.M.Field}\t{r.C.Name}\t{r.M}\t{string.Join(",", r.F.Where(f => f.Severity == Severity.Refused).Select(f => f.Rule).Distinct())}\t{r.Time.TotalMilliseconds}"));
        File.WriteAllLines("/tmp/mut-errors.txt", errors);
        Assert.True(all.Count > Fewest);
        Assert.Empty(errors);
    }
}
