namespace Stasis.Engine.ExternalEngines;

/// <summary>What an engine of Kubernetes says of a container in the annotations of its spec.</summary>
internal static class CriDescription
{
    // containerd: pkg/cri/annotations/annotations.go. CRI-O: pkg/annotations/internal.go and Kubernetes' labels.
    private static readonly (string Container, string Pod, string Space, string Image)[] Dialects =
    [
        ("io.kubernetes.cri.container-name", "io.kubernetes.cri.sandbox-name", "io.kubernetes.cri.sandbox-namespace",
            "io.kubernetes.cri.image-name"),
        ("io.kubernetes.container.name", "io.kubernetes.pod.name", "io.kubernetes.pod.namespace", "io.kubernetes.cri-o.ImageName"),
    ];

    private static readonly string[] Types = ["io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType"];

    /// <summary>Describes a container; null if it is a pod's sandbox, or not of Kubernetes.</summary>
    /// <param name="task">The container.</param>
    /// <param name="all">The engine's containers, with the sandboxes of pods, which say where logs are.</param>
    public static ExternalContainer? TryDescribe(EngineTask task, IReadOnlyList<EngineTask> all)
    {
        if (task.Spec.Annotations is not { } annotations || Types.Any(type => annotations.GetValueOrDefault(type) == "sandbox"))
            return null;
        foreach (var (container, pod, space, image) in Dialects)
        {
            if (annotations.GetValueOrDefault(container) is not { Length: > 0 } name)
                continue;
            return new ExternalContainer(task, name)
            {
                OtherNames = [$"{annotations.GetValueOrDefault(space)}/{annotations.GetValueOrDefault(pod)}/{name}"],
                Image = annotations.GetValueOrDefault(image),
                Log = task.Log ?? FindLog(FindLogFolder(annotations, all), name),
            };
        }
        return null;
    }

    /// <summary>Whether a task is a pod's sandbox, whose one process only waits.</summary>
    public static bool IsSandbox(EngineTask task) =>
        task.Spec.Annotations is { } annotations && Types.Any(type => annotations.GetValueOrDefault(type) == "sandbox");

    private static string? FindLogFolder(IReadOnlyDictionary<string, string> annotations, IReadOnlyList<EngineTask> all) =>
        annotations.GetValueOrDefault("io.kubernetes.cri.sandbox-id") is not { } id ? null
            : all.FirstOrDefault(task => task.Id == id)?.Spec.Annotations?.GetValueOrDefault("io.kubernetes.cri.sandbox-log-directory");

    // The kubelet's names: a folder for each container, a file for each start.
    private static string? FindLog(string? folder, string container)
    {
        if (folder is null || Path.Combine(folder, container) is var logs && !Directory.Exists(logs))
            return null;
        return new DirectoryInfo(logs).GetFiles("*.log").MaxBy(file => file.LastWriteTimeUtc)?.FullName;
    }
}
