using System.Text.Json;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Criu;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>Brings up the processes of a container whose file systems are mounted, under a conmon of its own.</summary>
internal static class ContainerLauncher
{
    /// <summary>
    /// Has the runtime create the container's first process, which then waits for <see cref="Runtime.StartAsync"/>. Records the
    /// PIDs: from then on the container is alive. After a failure nothing of it runs.
    /// </summary>
    public static Task CreateAsync(LockedContainer container, CancellationToken cancellation)
    {
        WriteSpec(container);
        return LaunchAsync(container, CreateRequest(container), cancellation);
    }

    /// <summary>
    /// Has the runtime restore the container's processes, which run at once. Records the PIDs: from then on the container is
    /// alive. After a failure nothing of it runs.
    /// </summary>
    /// <param name="container">The container, whose spec is written (<see cref="WriteSpec"/>).</param>
    /// <param name="restore">What it is restored from.</param>
    /// <param name="command">What conmon runs in place of the runtime; null for the runtime itself.</param>
    /// <param name="cancellation">A cancelled call leaves what a failed one leaves.</param>
    public static Task RestoreAsync(
        LockedContainer container, RestoreRequest restore, IReadOnlyList<string>? command, CancellationToken cancellation)
    {
        container.Runtime.RequireCriu();
        return LaunchAsync(container, CreateRequest(container) with { Restore = restore, RuntimeCommand = command }, cancellation);
    }

    /// <summary>Writes the bundle's config.json from the container's spec; returns what it says.</summary>
    public static OciSpec WriteSpec(LockedContainer container)
    {
        var spec = CriuConfig.Annotate(CreateMounts.WithRealSources(container.Container.Spec), container.Paths);
        AtomicFile.Write(container.Paths.Spec, JsonSerializer.SerializeToUtf8Bytes(spec, EngineJson.Default.OciSpec), durable: false);
        return spec;
    }

    /// <summary>Returns what conmon runs when the container has ended: program and arguments, the ID last.</summary>
    public static IReadOnlyList<string> GetExitCommand(StasisEngine engine, string id) =>
        engine.Command.Line("container", "cleanup", id);

    private static async Task LaunchAsync(LockedContainer container, ConmonRequest request, CancellationToken cancellation)
    {
        var (pid, conmonPid) = await ConmonLauncher.LaunchAsync(container.Runtime, request, cancellation);
        SaveAsRunning(container, pid, conmonPid);
    }

    private static ConmonRequest CreateRequest(LockedContainer container)
    {
        File.Delete(container.Paths.AttachSocket);
        return new ConmonRequest
        {
            Container = container.Container,
            Paths = container.Paths,
            ExitCommand = GetExitCommand(container.Engine, container.Id),
        };
    }

    private static void SaveAsRunning(LockedContainer container, int pid, int conmonPid)
    {
        container.Save(container.State with
        {
            Status = ContainerStatus.Running,
            Pid = pid,
            // Without a start time the process has ended already: the next command records that.
            PidStartTime = PidFd.StartTime(pid) ?? 0,
            ConmonPid = conmonPid,
            ConmonStartTime = PidFd.StartTime(conmonPid) ?? 0,
            StartedAt = DateTimeOffset.UtcNow,
            FinishedAt = null,
            ExitCode = 0,
            OomKilled = false,
            Error = null,
        });
    }
}
