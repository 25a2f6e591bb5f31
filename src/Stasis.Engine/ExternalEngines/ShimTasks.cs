using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stasis.Linux.Processes;

namespace Stasis.Engine.ExternalEngines;

/// <summary>
/// Containers of containerd, which Docker uses too. A shim (containerd-shim-runc-v2) supervises one container, or all of a pod. It works in
/// the bundle of the first; the bundles of one namespace lie side by side (core/runtime/v2/bundle.go).
/// </summary>
internal static class ShimTasks
{
    private const string DockerNamespace = "moby", DefaultRoot = "/run/containerd/runc";

    /// <summary>Finds those that run.</summary>
    public static IReadOnlyList<EngineTask> Find()
    {
        var folders = new Dictionary<string, (string Namespace, string? Socket)>();
        foreach (var shim in SupervisorProcess.Find("containerd-shim"))
        {
            if (shim.FindOption("-namespace") is { } space && shim.WorkingDirectory is { } bundle)
                folders.TryAdd(Path.GetDirectoryName(bundle)!, (space, shim.FindOption("-address")));
        }
        return
        [
            .. from folder in folders
               from bundle in Directory.GetDirectories(folder.Key)
               let task = TryRead(bundle, folder.Value.Namespace, folder.Value.Socket)
               where task is not null
               select task,
        ];
    }

    private static EngineTask? TryRead(string bundle, string space, string? socket)
    {
        if (EngineTask.TryReadSpec(bundle) is not { } spec || TryReadSupervisor(bundle) is not { } shim)
            return null;
        var options = TryReadOptions(bundle);
        return new EngineTask
        {
            Engine = space == DockerNamespace ? ContainerEngine.Docker : ContainerEngine.Containerd,
            Id = Path.GetFileName(bundle),
            Bundle = bundle,
            Spec = spec,
            Runtime = Text("binary_name") ?? "runc",
            RuntimeRoot = Path.Combine(Text("root") ?? DefaultRoot, space),
            Supervisor = shim,
            Namespace = space,
            Socket = socket,
        };

        string? Text(string name) => options?[name]?.GetValue<string>() is { Length: > 0 } value ? value : null;
    }

    // The shim is the parent of the first process: it has made itself a subreaper.
    private static int? TryReadSupervisor(string bundle)
    {
        try
        {
            var pid = int.Parse(File.ReadAllText(Path.Combine(bundle, "init.pid")), CultureInfo.InvariantCulture);
            return ProcStat.TryRead(pid) is { HasEnded: false } process ? (int)process[4] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    // containerd.runc.v1.Options (api/types/runc/options/oci.proto), as the shim keeps them. Without any, the file is missing or empty.
    private static JsonNode? TryReadOptions(string bundle)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(Path.Combine(bundle, "options.json")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
