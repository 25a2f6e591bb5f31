using System.Text.Json.Nodes;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;

namespace Stasis.Engine.ExternalEngines;

/// <summary>What runc keeps of a container: state.json (libcontainer/container.go, State).</summary>
internal sealed class RuncRecord : RuntimeRecord
{
    private const string FileName = "state.json", Config = "config", Labels = "labels", Namespaces = "namespaces";

    private readonly JsonNode _state;

    private RuncRecord(JsonNode state) => _state = state;

    /// <inheritdoc/>
    public override int Pid => _state["init_process_pid"]!.GetValue<int>();

    /// <inheritdoc/>
    public override IReadOnlyList<string> Cgroups =>
    [
        .. (_state["cgroup_paths"] as JsonObject ?? []).Select(path => path.Value!.GetValue<string>()).Distinct().Where(Directory.Exists),
    ];

    /// <inheritdoc/>
    public override string? CgroupPath
    {
        get
        {
            // "freezer": "/sys/fs/cgroup/freezer/PATH"; of cgroup2, "": "/sys/fs/cgroup/PATH".
            if ((_state["cgroup_paths"] as JsonObject ?? []).Select(path => (path.Key, Path: path.Value!.GetValue<string>()))
                .FirstOrDefault() is not { Path: { } path } first)
                return null;
            return "/" + string.Join('/', path.Split('/').Skip(first.Key.Length == 0 ? 4 : 5));
        }
    }

    /// <summary>Reads the engine's.</summary>
    /// <param name="folder">The folder of the container in the runtime's state.</param>
    /// <exception cref="StasisException">It isn't one.</exception>
    public static RuncRecord ReadFrom(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return JsonNode.Parse(File.ReadAllBytes(path)) is { } state && state["init_process_pid"] is not null && state[Config] is not null
            ? new RuncRecord(state) : throw new StasisException($"{path}: not a state of runc's");
    }

    /// <inheritdoc/>
    public override void WriteCopy(string folder, string id, string criuConfig)
    {
        var state = _state.DeepClone();
        var config = state[Config]!;
        state["id"] = id;
        config["Hooks"] = null; // the engine runs them
        var labels = (config[Labels] as JsonArray ?? []).Select(label => label!.GetValue<string>())
            .Where(label => !label.StartsWith(Annotations.CriuConfig + "=", StringComparison.Ordinal));
        config[Labels] = new JsonArray([.. labels.Append($"{Annotations.CriuConfig}={criuConfig}").Select(text => (JsonNode)text)]);
        NameNetwork(config[Namespaces], "NEWNET");
        Write(Path.Combine(folder, FileName), state);
    }
}
