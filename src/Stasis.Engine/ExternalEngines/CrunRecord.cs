using System.Text.Json.Nodes;
using Stasis.Engine.Errors;
using Stasis.Engine.Jail;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;

namespace Stasis.Engine.ExternalEngines;

/// <summary>What crun keeps of a container: its status (src/libcrun/status.c), and beside it the spec.</summary>
internal sealed class CrunRecord : RuntimeRecord
{
    /// <summary>The file's name.</summary>
    public const string FileName = "status";

    private const string Spec = "config.json";

    private readonly JsonNode _status;
    private readonly JsonNode _spec;

    private CrunRecord(JsonNode status, JsonNode spec) => (_status, _spec) = (status, spec);

    /// <inheritdoc/>
    public override int Pid => _status["pid"]!.GetValue<int>();

    /// <inheritdoc/>
    public override IReadOnlyList<string> Cgroups =>
        CgroupPath is { } path ? [.. JailCgroups.Locate(HostCgroups.Read(), path).Where(Directory.Exists)] : [];

    /// <inheritdoc/>
    public override string? CgroupPath => _status["cgroup-path"]?.GetValue<string>() is { Length: > 0 } path ? "/" + path.Trim('/') : null;

    /// <summary>Reads the engine's.</summary>
    /// <param name="folder">The folder of the container in the runtime's state.</param>
    /// <exception cref="StasisException">It isn't one.</exception>
    public static CrunRecord ReadFrom(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return JsonNode.Parse(File.ReadAllBytes(path)) is { } status && status["pid"] is not null
            && JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, Spec))) is { } spec
            ? new CrunRecord(status, spec) : throw new StasisException($"{path}: not a status of crun's");
    }

    /// <inheritdoc/>
    public override void WriteCopy(string folder, string id, string criuConfig)
    {
        var spec = _spec.DeepClone();
        _ = spec.AsObject().Remove("hooks"); // the engine runs them
        if (spec["annotations"] is not JsonObject annotations)
            spec["annotations"] = annotations = [];
        annotations[Annotations.CriuConfig] = criuConfig;
        NameNetwork(spec["linux"]?["namespaces"], "network");
        Write(Path.Combine(folder, Spec), spec);
        Write(Path.Combine(folder, FileName), _status.DeepClone());
    }
}
