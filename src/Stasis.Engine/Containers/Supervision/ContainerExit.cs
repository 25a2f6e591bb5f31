using System.Globalization;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>How the first process of a container ended, as conmon recorded it.</summary>
/// <param name="ExitCode">The exit code; 128 + signal if a signal ended the process.</param>
/// <param name="At">When it ended.</param>
/// <param name="OomKilled">The kernel killed it for lack of memory.</param>
/// <param name="Error">Why the exit code is unknown; null if it is known.</param>
internal sealed record ContainerExit(int ExitCode, DateTimeOffset At, bool OomKilled, string? Error)
{
    /// <summary>Exit code of a process whose end was not recorded: conmon was killed, or the machine went down.</summary>
    public const int UnknownExitCode = 255;

    /// <summary>Why Stasis killed the process, if it did (<see cref="LazyMemorySupervisor.KillAsync"/>).</summary>
    public string? Reason { get; init; }

    /// <summary>Whether the exit code is not known.</summary>
    public bool IsUnknown => Error is not null;

    /// <summary>Reads the end of a container; null while it runs, if it never ran, or if its end is in its state already.</summary>
    public static ContainerExit? TryRead(Container container, ContainerLayout paths)
    {
        var state = container.State;
        if (!state.IsAlive || PidFd.StartTime(state.Pid) == state.PidStartTime)
            return null;
        if (Read(paths) is { } recorded)
            return recorded;
        // conmon writes the exit file once it has read all output: until then the end isn't complete.
        if (state.ConmonPid != 0 && PidFd.StartTime(state.ConmonPid) == state.ConmonStartTime)
            return null;
        // conmon may have written the file and ended since the file was read.
        return Read(paths) ?? new ContainerExit(UnknownExitCode, DateTimeOffset.UtcNow, false,
            "the exit code is not known: neither conmon nor a record of it was there when the process had ended "
            + "(conmon was killed, or the machine restarted)");
    }

    /// <summary>Waits until the process has ended and conmon has recorded the exit code. Needs no lock.</summary>
    public static async Task WaitAsync(ContainerState state, ContainerLayout paths, CancellationToken cancellation)
    {
        if (PidFd.StartTime(state.Pid) == state.PidStartTime)
        {
            using var process = PidFd.Open(state.Pid);
            if (process is not null && PidFd.StartTime(state.Pid) == state.PidStartTime)
                await process.WaitAsync(cancellation);
        }
        while (!File.Exists(paths.ExitFile) && state.ConmonPid != 0 && PidFd.StartTime(state.ConmonPid) == state.ConmonStartTime)
            await Task.Delay(2, cancellation);
    }

    /// <summary>Returns the state of the container after this end.</summary>
    public ContainerState ApplyTo(ContainerState state) => state.WithoutProcesses() with
    {
        ExitCode = ExitCode,
        FinishedAt = At,
        OomKilled = OomKilled,
        Error = Error ?? Reason,
    };

    private static ContainerExit? Read(ContainerLayout paths)
    {
        try
        {
            var code = int.Parse(File.ReadAllText(paths.ExitFile), CultureInfo.InvariantCulture);
            return new ContainerExit(code, File.GetLastWriteTimeUtc(paths.ExitFile), File.Exists(paths.OomFile), null)
            {
                Reason = File.Exists(paths.LostPages) ? File.ReadAllText(paths.LostPages) : null,
            };
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or FormatException)
        {
            return null; // missing, or not written completely
        }
    }
}
