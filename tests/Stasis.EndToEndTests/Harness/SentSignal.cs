using System.Globalization;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Harness;

/// <summary>A signal that has been taken by the command, not only sent.</summary>
public static class SentSignal
{
    /// <summary>
    /// Sends a signal to a command that is still at work, and waits until .NET's thread for signals has handed it on, or the process
    /// has ended. Until then, a second signal of the same number would be lost (signal(7)), and the command might come to its end
    /// without having heard of the first.
    /// </summary>
    public static async Task SendAsync(int pid, int signal)
    {
        var before = Switches(pid);
        Assert.True(before is not null, $"process {pid} has no thread for signals");
        using var process = PidFd.Open(pid);
        Assert.NotNull(process);
        Assert.True(process.Signal(signal));
        await Eventually.TrueAsync(() => Switches(pid) is not { } now || now > before, $"signal {signal} taken by process {pid}");
    }

    // How often the thread has waited for the next signal; null if the thread is gone, as the process is, or is about to be.
    private static long? Switches(int pid)
    {
        try
        {
            var task = Directory.EnumerateDirectories($"/proc/{pid}/task")
                .FirstOrDefault(task => File.ReadAllText($"{task}/comm").Trim() == ".NET SigHandler");
            if (task is null)
                return null;
            var line = File.ReadLines($"{task}/status").First(line => line.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal));
            return long.Parse(line.Split('\t')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
