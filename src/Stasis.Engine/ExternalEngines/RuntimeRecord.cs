using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Linux.Files;

namespace Stasis.Engine.ExternalEngines;

/// <summary>
/// What a runtime keeps of a container. A checkpoint uses a copy, in a folder of Stasis's own, in which CRIU's options and the network
/// namespace are other ones. The engine's is only read.
/// </summary>
internal abstract class RuntimeRecord
{
    /// <summary>PID of the first process.</summary>
    public abstract int Pid { get; }

    /// <summary>The cgroups that are there.</summary>
    public abstract IReadOnlyList<string> Cgroups { get; }

    /// <summary>The path of its cgroup in a hierarchy; null without any.</summary>
    public abstract string? CgroupPath { get; }

    /// <summary>Whether its processes stand still, as those of a container that is paused, or restored and not started yet.</summary>
    public bool IsPaused => Cgroups.Any(Cgroup.IsToBeFrozen);

    /// <summary>Whether a container's is crun's, whatever the engine calls the runtime.</summary>
    public static bool IsCrun(EngineTask task) => File.Exists(Path.Combine(task.RuntimeRoot, task.Id, CrunRecord.FileName));

    /// <summary>Reads the engine's.</summary>
    /// <exception cref="StasisException">There is none that is runc's or crun's.</exception>
    public static RuntimeRecord Read(EngineTask task)
    {
        var folder = Path.Combine(task.RuntimeRoot, task.Id);
        try
        {
            return IsCrun(task) ? CrunRecord.ReadFrom(folder) : RuncRecord.ReadFrom(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new StasisException($"container {task.Id}: {task.Runtime} has no record of it that can be read: {e.Message}", e)
            {
                Remedy = "only containers that runc or crun runs can be checkpointed so",
            };
        }
    }

    /// <summary>Writes a copy.</summary>
    /// <param name="folder">The folder of the container in the state of a runtime.</param>
    /// <param name="id">The container's ID there.</param>
    /// <param name="criuConfig">CRIU's configuration file.</param>
    public abstract void WriteCopy(string folder, string id, string criuConfig);

    /// <summary>Gives the network a path. So it isn't dumped: a restored container gets one of its own.</summary>
    /// <param name="namespaces">The namespaces.</param>
    /// <param name="network">What they call the network.</param>
    protected void NameNetwork(JsonNode? namespaces, string network)
    {
        foreach (var space in namespaces as JsonArray ?? [])
        {
            if (space?["type"]?.GetValue<string>() == network && space["path"]?.GetValue<string>() is null or "")
                space!["path"] = string.Create(CultureInfo.InvariantCulture, $"/proc/{Pid}/ns/net");
        }
    }

    /// <summary>Writes a file of a copy.</summary>
    protected static void Write(string path, JsonNode content)
    {
        PrivateDirectory.Create(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(content, EngineJson.Default.JsonNode), durable: false);
    }
}
