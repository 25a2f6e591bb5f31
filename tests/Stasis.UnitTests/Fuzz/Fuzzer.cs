using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Stasis.UnitTests.Fuzz;

/// <summary>
/// Gives a target one input after another: for as long as STASIS_FUZZ_SECONDS says (eng/fuzz.sh), or for
/// <see cref="Seconds"/>.
/// </summary>
internal static class Fuzzer
{
    /// <summary>With all targets, about a minute in the long form.</summary>
    private static readonly double Seconds = LongForm.IsAsked ? 3 : 1;

    // What a small input may take, of time and of the processor's: far beyond what any does, and no matter
    // how busy the machine is with others.
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);
    private const long MaxAllocated = 64 << 20;

    // What eng/fuzz.sh holds the whole process to; the managed heap is bounded by the runtime (DOTNET_GCHeapHardLimit).
    private const long MaxResident = 512 << 20;

    /// <summary>Inputs are made of seeds, by changing their bytes.</summary>
    /// <param name="seeds">What inputs are made of.</param>
    /// <param name="target">Reads an input; true if there was nothing wrong with it. It throws only what it mustn't.</param>
    /// <param name="mostAllocated">Bytes that it may allocate for one input, held or not.</param>
    public static void Run(IReadOnlyList<byte[]> seeds, Func<byte[], bool> target, long mostAllocated = MaxAllocated)
    {
        var readable = seeds.Count(input => Try(input, target, Convert.ToBase64String, mostAllocated, "a seed"));
        Assert.True(readable > 0, "nothing that inputs are made of can be read: this tries nothing");
        Run(random => new Mutator(random, seeds).Next(), target, Convert.ToBase64String, mostAllocated);
    }

    /// <summary>Inputs are made by the target's test.</summary>
    /// <param name="make">Makes one; the same one of the same random numbers.</param>
    /// <param name="target">As above.</param>
    /// <param name="show">An input for a failure's message.</param>
    /// <param name="mostAllocated">As above.</param>
    public static void Run<T>(Func<Random, T> make, Func<T, bool> target, Func<T, string> show, long mostAllocated = MaxAllocated)
    {
        var given = Environment.GetEnvironmentVariable("STASIS_FUZZ_SECONDS");
        var limit = given is null ? Seconds : double.Parse(given, CultureInfo.InvariantCulture);
        var seed = Number("STASIS_FUZZ_SEED") ?? (given is null ? 1 : Environment.TickCount);
        var first = Number("STASIS_FUZZ_FROM") ?? 0;
        using var memory = given is null ? null : new PeakMemory();
        using var watchdog = new Watchdog(TestContext.Current.TestMethod!.MethodName);
        var watch = Stopwatch.StartNew();
        var (count, taken) = (first, 0L);
        for (; watch.Elapsed.TotalSeconds < limit; count++)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            watchdog.Begin(seed, count);
            var input = make(new Random(unchecked((int)((seed * 1_000_003L) + count))));
            taken += Try(input, target, show, mostAllocated, string.Create(CultureInfo.InvariantCulture, $"seed {seed}, input {count}"))
                ? 1
                : 0;
        }

        var peak = memory?.Bytes() is { } bytes ? string.Create(CultureInfo.InvariantCulture, $", {bytes >> 20} MiB at most") : "";
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{count - first} inputs, {taken} of them taken, {watch.Elapsed.TotalSeconds:0} s{peak}, seed {seed}"));
        Assert.True(memory is null || memory.Bytes() < MaxResident, $"the process had more than {MaxResident >> 20} MiB in memory");
    }

    private static long? Number(string variable) =>
        long.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool Try<T>(T input, Func<T, bool> target, Func<T, string> show, long mostAllocated, string which)
    {
        var (begun, processor, memory) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetAllocatedBytesForCurrentThread());
        try
        {
            var taken = target(input);
            Assert.True(
                Stopwatch.GetElapsedTime(begun) < MaxTime || Environment.CpuUsage.TotalTime - processor < MaxTime, "took too long");
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - memory < mostAllocated, "took too much memory");
            return taken;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{which}: {e.Message}: {show(input)}", e);
        }
    }
}
