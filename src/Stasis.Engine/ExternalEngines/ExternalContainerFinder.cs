using System.Text.Json;
using System.Text.Json.Nodes;
using Stasis.Engine.Errors;
using Stasis.Linux;
using Stasis.Linux.Processes;

namespace Stasis.Engine.ExternalEngines;

/// <summary>Finds running containers of other engines, without asking these.</summary>
internal static class ExternalContainerFinder
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    /// <summary>Finds one.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="nameOrId">Its name, its ID, a unique beginning of that, or NAMESPACE/POD/CONTAINER of Kubernetes.</param>
    /// <param name="cancellation">Stops asking.</param>
    /// <exception cref="NotFoundException">None that runs is called so.</exception>
    /// <exception cref="StasisException">Several are.</exception>
    public static async Task<ExternalContainer> FindAsync(ContainerEngine engine, string nameOrId, CancellationToken cancellation)
    {
        var containers = List(engine);
        var exact = containers.Where(container => container.Task.Id == nameOrId || container.OtherNames.Contains(nameOrId)).ToList();
        if (exact.Count == 0)
            exact = containers.Where(container => container.Name == nameOrId).ToList();
        if (exact.Count == 0)
            exact = containers.Where(container => container.Task.Id.StartsWith(nameOrId, StringComparison.Ordinal)).ToList();
        return exact switch
        {
            [var only] => await CompleteAsync(only, cancellation),
            [] => throw new NotFoundException($"no running container of {GetName(engine)} is called {nameOrId}")
            {
                Remedy = containers.Count > 0 ? $"those that run are {string.Join(", ", containers.Select(Describe))}" : null,
            },
            _ => throw new StasisException($"several running containers of {GetName(engine)} are called {nameOrId}")
            {
                Remedy = $"give the ID of one: {string.Join(", ", exact.Select(container => container.Task.Id))}",
            },
        };
    }

    /// <summary>What an engine is called in messages.</summary>
    public static string GetName(ContainerEngine engine) => engine switch
    {
        ContainerEngine.Docker => "Docker",
        ContainerEngine.Containerd => "containerd",
        ContainerEngine.CriO => "CRI-O",
        _ => "Podman",
    };

    private static IReadOnlyList<ExternalContainer> List(ContainerEngine engine)
    {
        var tasks = engine is ContainerEngine.Docker or ContainerEngine.Containerd ? ShimTasks.Find() : ConmonTasks.Find();
        return
        [
            .. from task in tasks
               where task.Engine == engine && !CriDescription.IsSandbox(task)
               select CriDescription.TryDescribe(task, tasks) ?? engine switch
               {
                   ContainerEngine.Docker => DockerDescription.Describe(task),
                   ContainerEngine.Podman => StorageDescription.Describe(task),
                   _ => new ExternalContainer(task, task.Name ?? task.Id),
               },
        ];
    }

    private static string Describe(ExternalContainer container) => container.OtherNames is [var name, ..] ? name : container.Name;

    // A container that isn't of Kubernetes has its image in containerd's database alone.
    private static async Task<ExternalContainer> CompleteAsync(ExternalContainer container, CancellationToken cancellation)
    {
        if (container.Task is not { Engine: ContainerEngine.Containerd, Socket: { } socket } task || container.Image is not null)
            return container;
        string[] arguments = ["--address", socket, "--namespace", task.Namespace, "containers", "info", task.Id];
        try
        {
            var result = await Spawn.RunAsync(new SpawnOptions { Program = "ctr", Arguments = arguments }, TimeLimit, cancellation);
            var image = result.ExitCode == 0 ? JsonNode.Parse(result.Output)?["Image"]?.GetValue<string>() : null;
            return container with { Image = image };
        }
        catch (Exception e) when (e is LinuxException { Errno: Errno.ENOENT } or JsonException)
        {
            return container;
        }
    }
}
