using System.Globalization;

namespace Stasis.EndToEndTests.Harness;

/// <summary>A container that counts: one number a line, ten lines a second.</summary>
public static class Counter
{
    private const string Script = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done";

    /// <summary>Starts one, and waits until it has counted to 3.</summary>
    public static async Task StartCounterAsync(this StasisHost host, string name, params string[] options)
    {
        await host.OkAsync(["run", "-d", "--name", name, .. options, "busybox", "sh", "-c", Script]);
        await host.CountsBeyondAsync(name, 3);
    }

    /// <summary>The last number it has printed; 0 if none.</summary>
    public static async Task<int> LastCountAsync(this StasisHost host, string name) =>
        int.TryParse((await host.OkAsync("logs", "--tail", "1", name)).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : 0;

    /// <summary>Waits until it has counted beyond a number.</summary>
    public static Task CountsBeyondAsync(this StasisHost host, string name, int number) =>
        Eventually.GetAsync(() => host.LastCountAsync(name), last => last > number);

    /// <summary>Waits for it to count on.</summary>
    public static async Task CountsOnAsync(this StasisHost host, string name) => await host.CountsBeyondAsync(name, await host.LastCountAsync(name));

    /// <summary>Everything it has printed, which must be the numbers from 1 on without a gap.</summary>
    public static async Task<int> CountedWithoutGapAsync(this StasisHost host, string name)
    {
        var numbers = (await host.OkAsync("logs", name)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).ToList();
        Xunit.Assert.Equal(Enumerable.Range(1, numbers.Count), numbers);
        return numbers.Count;
    }
}
