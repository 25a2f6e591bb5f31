using System.Text.Json;
using System.Text.Json.Nodes;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>The state of a container, as hooks get it (runtime-spec: runtime.md, State).</summary>
/// <param name="spec">The bundle's spec.</param>
/// <param name="id">The container's ID.</param>
/// <param name="bundle">The bundle's folder.</param>
/// <param name="pid">PID of its first process, in digits.</param>
internal sealed class RuntimeState(OciSpec spec, string id, string bundle, string pid)
{
    /// <summary>The state as JSON.</summary>
    /// <param name="status">"creating", "running" or "stopped".</param>
    public byte[] ToJson(string status)
    {
        var annotations = new JsonObject();
        foreach (var (name, value) in spec.Annotations ?? new Dictionary<string, string>())
            annotations[name] = value;
        var state = new JsonObject
        {
            ["ociVersion"] = spec.OciVersion,
            ["id"] = id,
            ["status"] = status,
            ["pid"] = int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture),
            ["bundle"] = bundle,
            ["annotations"] = annotations,
        };
        return JsonSerializer.SerializeToUtf8Bytes(state, EngineJson.Default.JsonObject);
    }
}
