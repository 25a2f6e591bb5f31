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
    public static async Task<int> LastCountAsync(this StasisHost host, string name) => Last(await LogFileAsync(host, name));

    /// <summary>Waits until it has counted beyond a number.</summary>
    public static async Task CountsBeyondAsync(this StasisHost host, string name, int number)
    {
        var log = await LogFileAsync(host, name);
        await Eventually.TrueAsync(() => Last(log) > number, $"{name} beyond {number}");
    }

    /// <summary>Waits for it to count on.</summary>
    public static async Task CountsOnAsync(this StasisHost host, string name)
    {
        var log = await LogFileAsync(host, name);
        var last = Last(log);
        await Eventually.TrueAsync(() => Last(log) > last, $"{name} beyond {last}");
    }

    /// <summary>Everything it has printed, which must be the numbers from 1 on without a gap.</summary>
    public static async Task<int> CountedWithoutGapAsync(this StasisHost host, string name)
    {
        var numbers = (await host.OkAsync("logs", name))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => int.Parse(line, CultureInfo.InvariantCulture))
            .ToList();
        Xunit.Assert.Equal(Enumerable.Range(1, numbers.Count), numbers);
        return numbers.Count;
    }

    // Looked at again and again, which would be many starts of a process with stasis logs.
    private static Task<string> LogFileAsync(StasisHost host, string name) => host.InspectAsync(name, "{{.HostConfig.LogConfig.Path}}");

    // The last number in it; 0 if none. A line: "2026-11-29T07:50:42.123456789+00:00 stdout F 17".
    private static int Last(string log)
    {
        if (!File.Exists(log))
            return 0;
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        var lines = reader.ReadToEnd().Split('\n')[..^1];
        return lines is [.., var line] && int.TryParse(line.Split(' ')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? last : 0;
    }
}
