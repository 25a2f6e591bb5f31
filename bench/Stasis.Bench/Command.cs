using System.Diagnostics;
using System.Globalization;

namespace Stasis.Bench;

/// <summary>A finished command.</summary>
/// <param name="Milliseconds">From before it was started until its end was noticed.</param>
/// <param name="Output">Its standard output.</param>
internal sealed record Command(double Milliseconds, string Output)
{
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(5);

    /// <summary>Runs a command to its end. A command that fails ends the benchmark: half a measurement is none.</summary>
    /// <exception cref="InvalidOperationException">It exited with another code than 0.</exception>
    public static Task<Command> RunAsync(IReadOnlyList<string> words) => RunAsync(words, process => process.WaitForExit(10_000));

    /// <summary>The same, and the most memory it had resident, in KiB (proc(5) VmHWM, looked at every 5 ms).</summary>
    public static async Task<(Command Command, int Peak)> RunWatchedAsync(IReadOnlyList<string> words)
    {
        var peak = 0;
        var command = await RunAsync(words, process =>
        {
            peak = Math.Max(peak, Peak(process.Id));
            process.WaitForExit(5);
        });
        return (command, peak);
    }

    private static async Task<Command> RunAsync(IReadOnlyList<string> words, Action<Process> wait)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = new Process { StartInfo = start };
        var begun = Stopwatch.GetTimestamp();
        process.Start();
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        // Output is not waited for here: a container that holds on to a descriptor must not count as time of the command.
        while (!process.HasExited)
            wait(process);
        var took = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        if (process.ExitCode != 0)
            throw new InvalidOperationException(
                $"'{string.Join(' ', words)}' ended with {process.ExitCode}: {await error.WaitAsync(ReadLimit)}");
        return new Command(took, await output.WaitAsync(ReadLimit));
    }

    private static int Peak(int pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status").Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Select(line => int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture))
                .FirstOrDefault();
        }
        catch (IOException)
        {
            return 0; // it has ended
        }
    }
}
