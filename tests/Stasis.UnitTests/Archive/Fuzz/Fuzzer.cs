using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Stasis.UnitTests.Archive.Fuzz;

/// <summary>Gives a target one input after another: for as long as STASIS_FUZZ_SECONDS says (eng/fuzz.sh), or for <see cref="Seconds"/>.</summary>
internal static class Fuzzer
{
    /// <summary>With all targets of archives, about a minute.</summary>
    private const double Seconds = 8;

    // What a small input may take. Far beyond what any does, even on a machine that is busy.
    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(10);
    private const long MostMemory = 64 << 20;

    /// <param name="seeds">What inputs are made of.</param>
    /// <param name="target">Reads an input; true if there was nothing wrong with it. It throws only what it mustn't.</param>
    public static void Run(IReadOnlyList<byte[]> seeds, Func<byte[], bool> target)
    {
        var given = Environment.GetEnvironmentVariable("STASIS_FUZZ_SECONDS");
        var limit = given is null ? Seconds : double.Parse(given, CultureInfo.InvariantCulture);
        var seed = given is null ? 1 : Environment.TickCount;
        var watch = Stopwatch.StartNew();
        var (count, taken) = (0L, 0L);
        var readable = seeds.Where(input => Try(input, target, "a seed")).ToList();
        Assert.True(readable.Count > 0, "nothing that inputs are made of can be read: this tries nothing");
        for (; watch.Elapsed.TotalSeconds < limit; count++)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var input = new Mutator(new Random(unchecked((int)((seed * 1_000_003L) + count))), seeds).Next();
            taken += Try(input, target, string.Create(CultureInfo.InvariantCulture, $"seed {seed}, input {count}")) ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} inputs, {taken} of them taken, {watch.Elapsed.TotalSeconds:0} s, seed {seed}"));
    }

    private static bool Try(byte[] input, Func<byte[], bool> target, string which)
    {
        var (begun, memory) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        try
        {
            var taken = target(input);
            Assert.True(Stopwatch.GetElapsedTime(begun) < LongestTime, "took too long");
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - memory < MostMemory, "took too much memory");
            return taken;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{which}: {e.Message}: {Convert.ToBase64String(input)}", e);
        }
    }
}
