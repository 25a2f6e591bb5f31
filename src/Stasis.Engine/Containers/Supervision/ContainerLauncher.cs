using System.Text.Json;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Criu;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Supervision;

/// <summary>Brings up the processes of a container whose file systems are mounted, under a conmon of its own.</summary>
internal static class ContainerLauncher
{
    /// <summary>
    /// Has the runtime create the container's first process, which then waits for <see cref="Runtime.StartAsync"/>. Records the
    /// PIDs: from then on the container is alive. After a failure nothing of it runs.
    /// </summary>
    public static async Task CreateAsync(LockedContainer container, CancellationToken cancellation)
    {
        WriteSpec(container);
        var (pid, conmonPid) = await ConmonLauncher.LaunchAsync(container.Runtime, CreateRequest(container), cancellation);
        container.SaveAsRunning(pid, conmonPid);
    }

    /// <summary>Writes the bundle's config.json from the container's spec; returns what it says.</summary>
    public static OciSpec WriteSpec(LockedContainer container)
    {
        var spec = CriuConfig.Annotate(ContainerSpecMounts.WithRealSources(container.Container.Spec), container.Paths);
        AtomicFile.Write(container.Paths.Spec, JsonSerializer.SerializeToUtf8Bytes(spec, EngineJson.Default.OciSpec), durable: false);
        return spec;
    }

    /// <summary>Returns what conmon runs when the container has ended: program and arguments, the ID last.</summary>
    public static IReadOnlyList<string> GetExitCommand(StasisEngine engine, string id) =>
        engine.Command.Line("container", "cleanup", id);

    /// <summary>What conmon is told about the container, to create it.</summary>
    public static ConmonRequest CreateRequest(LockedContainer container)
    {
        File.Delete(container.Paths.AttachSocket);
        return new ConmonRequest
        {
            Container = container.Container,
            Paths = container.Paths,
            ExitCommand = GetExitCommand(container.Engine, container.Id),
        };
    }
}
