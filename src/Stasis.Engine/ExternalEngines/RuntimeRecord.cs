using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Linux.Files;

namespace Stasis.Engine.ExternalEngines;

/// <summary>
/// What runc keeps of a container: state.json (libcontainer/container.go, State). A checkpoint uses a copy, in a folder of Stasis's own, in
/// which CRIU's options and the network namespace are other ones. The engine's is only read.
/// </summary>
internal sealed class RuntimeRecord
{
    private const string FileName = "state.json", Config = "config", Labels = "labels", Namespaces = "namespaces";

    private readonly JsonNode _state;

    private RuntimeRecord(JsonNode state) => _state = state;

    /// <summary>PID of the first process.</summary>
    public int Pid => _state["init_process_pid"]!.GetValue<int>();

    /// <summary>The cgroups that are there.</summary>
    public IReadOnlyList<string> Cgroups =>
    [
        .. (_state["cgroup_paths"] as JsonObject ?? []).Select(path => path.Value!.GetValue<string>()).Distinct().Where(Directory.Exists),
    ];

    /// <summary>Whether its processes stand still, as those of a container that is paused, or restored and not started yet.</summary>
    public bool IsPaused => Cgroups.Any(Cgroup.IsToBeFrozen);

    /// <summary>The path of its cgroup in a hierarchy; null without any.</summary>
    public string? CgroupPath
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
    /// <exception cref="StasisException">There is none, or it isn't runc's.</exception>
    public static RuntimeRecord Read(EngineTask task)
    {
        var path = Path.Combine(task.RuntimeRoot, task.Id, FileName);
        try
        {
            if (JsonNode.Parse(File.ReadAllBytes(path)) is { } state && state["init_process_pid"] is not null && state[Config] is not null)
                return new RuntimeRecord(state);
            throw new StasisException($"{path}: not a state of runc's");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new StasisException($"container {task.Id}: {task.Runtime} has no record of it that can be read: {e.Message}", e)
            {
                Remedy = "only containers that runc runs can be checkpointed so; crun's can't",
            };
        }
    }

    /// <summary>Writes a copy.</summary>
    /// <param name="folder">The folder of the container in the state of a runtime.</param>
    /// <param name="id">The container's ID there.</param>
    /// <param name="criuConfig">CRIU's configuration file.</param>
    public void WriteCopy(string folder, string id, string criuConfig)
    {
        var state = _state.DeepClone();
        var config = state[Config]!;
        state["id"] = id;
        config["Hooks"] = null; // the engine runs them
        var labels = (config[Labels] as JsonArray ?? []).Select(label => label!.GetValue<string>())
            .Where(label => !label.StartsWith(Annotations.CriuConfig + "=", StringComparison.Ordinal));
        config[Labels] = new JsonArray([.. labels.Append($"{Annotations.CriuConfig}={criuConfig}").Select(text => (JsonNode)text)]);
        // With a path, the network isn't dumped: a restored container gets one of its own.
        foreach (var space in config[Namespaces] as JsonArray ?? [])
        {
            if (space?["type"]?.GetValue<string>() == "NEWNET" && space["path"]?.GetValue<string>() is null or "")
                space!["path"] = string.Create(CultureInfo.InvariantCulture, $"/proc/{Pid}/ns/net");
        }
        PrivateDirectory.Create(folder);
        AtomicFile.Write(
            Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(state, EngineJson.Default.JsonNode), durable: false);
    }
}
