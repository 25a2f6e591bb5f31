using System.Globalization;
using Stasis.Linux;
using Xunit;

namespace Stasis.EndToEndTests.Harness;

/// <summary>A signal that has been taken by the command, not only sent.</summary>
public static class SentSignal
{
    /// <summary>
    /// Sends a signal to a command that is still at work, and waits until .NET's thread for signals has handed it on, or the process has ended. Until then, a second signal of the same number would
    /// be lost (signal(7)), and the command might come to its end without having heard of the first.
    /// </summary>
    public static async Task SendAsync(int pid, int signal)
    {
        var before = Switches(pid);
        using var process = PidFd.Open(pid);
        Assert.NotNull(process);
        Assert.True(process.Signal(signal));
        await Eventually.TrueAsync(() => process.HasEnded || Switches(pid) > before, $"signal {signal} taken by process {pid}");
    }

    // How often the thread has waited for the next one; 0 if it has ended.
    private static long Switches(int pid)
    {
        try
        {
            var task = Directory.EnumerateDirectories($"/proc/{pid}/task").FirstOrDefault(task => File.ReadAllText($"{task}/comm").Trim() == ".NET SigHandler");
            Assert.True(task is not null, $"process {pid} has no thread for signals");
            return long.Parse(File.ReadLines($"{task}/status").First(line => line.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal)).Split('\t')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
