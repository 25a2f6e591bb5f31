using System.Text.Json;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.ExternalEngines;

/// <summary>A container as its supervising process and its bundle tell: what all engines have.</summary>
internal sealed record EngineTask
{
    /// <summary>The engine.</summary>
    public required ContainerEngine Engine { get; init; }

    /// <summary>The container's ID, as the runtime knows it.</summary>
    public required string Id { get; init; }

    /// <summary>The bundle's folder.</summary>
    public required string Bundle { get; init; }

    /// <summary>The bundle's spec.</summary>
    public required OciSpec Spec { get; init; }

    /// <summary>The runtime: a name or a path.</summary>
    public required string Runtime { get; init; }

    /// <summary>The folder of the runtime's state (its <c>--root</c>).</summary>
    public required string RuntimeRoot { get; init; }

    /// <summary>PID of the shim or conmon that reads the container's output.</summary>
    public required int Supervisor { get; init; }

    /// <summary>containerd's namespace; empty for other engines.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>containerd's socket.</summary>
    public string? Socket { get; init; }

    /// <summary>The name by which the engine has started its supervisor.</summary>
    public string? Name { get; init; }

    /// <summary>The container's log in the format of Kubernetes, which Stasis's own logs have; null if it is elsewhere.</summary>
    public string? Log { get; init; }

    /// <summary>The host path of the root file system.</summary>
    public string Root => Path.GetFullPath(Path.Combine(Bundle, Spec.Root?.Path ?? "rootfs"));

    /// <summary>The spec of a bundle; null if there is none, or it is being removed.</summary>
    public static OciSpec? TryReadSpec(string bundle)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(bundle, "config.json")), EngineJson.Default.OciSpec);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
