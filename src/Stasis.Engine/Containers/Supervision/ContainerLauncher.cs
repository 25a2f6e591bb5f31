using System.Text.Json;
using Stasis.Engine.Common;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Criu;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.Oci.Spec;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>Has conmon and the runtime bring up a container whose file systems are mounted.</summary>
internal static class ContainerLauncher
{
    /// <summary>
    /// Writes the bundle's config.json from the container's spec and launches conmon, which has the runtime create the container's first process
    /// (it waits for <see cref="Runtime.StartAsync"/>), or restore all its processes from <paramref name="restoreImages"/> (they run at once).
    /// Records the PIDs, so that the container counts as alive. Failed, nothing of it runs.
    /// </summary>
    public static async Task LaunchAsync(LockedContainer container, string? restoreImages, IReadOnlyList<string> restoreArguments, CancellationToken cancellation)
    {
        var spec = CriuConfig.Annotate(CreateMounts.WithRealSources(container.Container.Spec), container.Paths);
        AtomicFile.Write(container.Paths.Spec, JsonSerializer.SerializeToUtf8Bytes(spec, EngineJson.Default.OciSpec), durable: false);
        File.Delete(container.Paths.AttachSocket);
        var (pid, conmonPid) = await Conmon.LaunchAsync(container.Runtime, new ConmonRequest
        {
            Container = container.Container,
            Paths = container.Paths,
            RestoreImages = restoreImages,
            RestoreArguments = restoreArguments,
            ExitCommand = ExitCommand(container.Engine, container.Id),
        }, cancellation);
        container.Save(container.State with
        {
            Status = ContainerStatus.Running,
            Pid = pid,
            // No start time: it has ended already. Then it is recorded as ended as soon as somebody looks.
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

    /// <summary>
    /// As <see cref="LaunchAsync"/>, to restore: conmon runs the runtime's "restore" (runc restore --image-path IMAGES …) in place of its "create".
    /// </summary>
    /// <param name="container">The container.</param>
    /// <param name="images">CRIU's images.</param>
    /// <param name="arguments">Further arguments of the runtime's "restore".</param>
    /// <param name="cancellation">Cancelled, nothing of it runs.</param>
    public static Task RestoreAsync(LockedContainer container, string images, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        LaunchAsync(container, images, arguments, cancellation);

    /// <summary>What conmon runs when the container has ended: program and arguments, the ID last.</summary>
    public static IReadOnlyList<string> ExitCommand(StasisEngine engine, string id) =>
        [engine.Options.ExitCommand, "--root", engine.Layout.Root, "--runroot", engine.Layout.RunRoot, "container", "cleanup", id];
}
