using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stasis.Engine.Jail;

/// <summary>
/// The files in which a runtime keeps what it knows of a container: runc's state.json (libcontainer/container.go) and crun's status
/// (src/libcrun/status.c). They were written in the jail. The runtime obeys them later, outside of it.
/// </summary>
internal static class RuntimeStateTranslator
{
    private const string RuncFile = "state.json", CrunFile = "status", CrunSpec = "config.json";
    private const string Paths = "cgroup_paths", Config = "config", Hooks = "Hooks", Cgroups = "cgroups", CrunPath = "cgroup-path";
    private const string RuncPid = "init_process_pid", CrunPid = "pid";

    private static readonly string[] TrustedNames = ["id", Paths, Config, Hooks, Cgroups, "path", CrunPath, RuncPid, CrunPid];

    /// <summary>The files of both runtimes.</summary>
    public static IReadOnlyList<string> Names { get; } = [RuncFile, CrunFile, CrunSpec];

    /// <summary>The content that a file has on the host, where paths are others than in the jail.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="content">Its content in the jail.</param>
    /// <param name="plan">The jail's plan.</param>
    /// <param name="pid">The container's first process.</param>
    /// <exception cref="RuntimeStateException">The record isn't of this container, or has what the spec hasn't.</exception>
    public static byte[] TranslateToHost(string name, byte[] content, JailPlan plan, int pid)
    {
        // crun keeps a copy of the spec, whose hooks it runs later.
        if (name == CrunSpec)
            return File.ReadAllBytes(plan.Spec);
        var record = JsonNode.Parse(content) as JsonObject ?? throw new RuntimeStateException("the runtime's record is no JSON object");
        RequireUsualNames(record);
        if (record[name == RuncFile ? RuncPid : CrunPid]?.GetValue<int>() != pid)
            throw new RuntimeStateException("the runtime's record has another PID than its PID file");
        var isMoved = name == RuncFile ? MoveRuncCgroups(record, plan) : MoveCrunCgroup(record, plan);
        if (name == RuncFile)
            RequireOwn(record, plan);
        else
            RequireOwnCgroup(record[CrunPath]?.GetValue<string>() == plan.CgroupsPath, record[CrunPath]);
        return isMoved ? JsonSerializer.SerializeToUtf8Bytes(record, EngineJson.Default.JsonObject) : content;
    }

    // Go takes a name in any case, and the last of two.
    private static void RequireUsualNames(JsonObject record)
    {
        foreach (var (name, value) in record)
        {
            if (TrustedNames.Any(known => known != name && known.Equals(name, StringComparison.OrdinalIgnoreCase)))
                throw new RuntimeStateException($"the runtime's record has a name in another case than the runtime's: {name}");
            if (value is JsonObject inner && name is Config or Cgroups)
                RequireUsualNames(inner);
        }
    }

    // runc runs what its record has for hooks, and writes to the cgroups that it names.
    private static void RequireOwn(JsonObject state, JailPlan plan)
    {
        if (state["id"]?.GetValue<string>() != plan.Id)
            throw new RuntimeStateException("the runtime's record is of another container");
        if (state[Config]?[Hooks] is JsonObject hooks && hooks.Any(hook => hook.Value is JsonArray { Count: > 0 }))
            throw new RuntimeStateException("the runtime's record has hooks, which the spec hasn't");
        foreach (var (_, path) in state[Paths] as JsonObject ?? [])
            RequireOwnCgroup(path?.GetValue<string>() is { } folder && plan.Cgroups.Contains(folder), path);
    }

    private static void RequireOwnCgroup(bool isOwn, JsonNode? path)
    {
        if (!isOwn)
            throw new RuntimeStateException($"the runtime's record names a cgroup that isn't the container's: {path}");
    }

    private static bool MoveRuncCgroups(JsonObject state, JailPlan plan)
    {
        if (!plan.IsUnified)
            return false;
        if (state[Paths] is JsonObject paths && paths[""]?.GetValue<string>() == plan.Hierarchies[0])
            paths[""] = plan.Cgroups[0];
        if (state[Config]?[Cgroups] is JsonObject cgroups && cgroups["path"]?.GetValue<string>() == plan.JailedCgroupsPath)
            cgroups["path"] = plan.CgroupsPath;
        return true;
    }

    // crun reads the path from /proc: it is "/" in a cgroup namespace.
    private static bool MoveCrunCgroup(JsonObject status, JailPlan plan)
    {
        if (status[CrunPath]?.GetValue<string>() != "/" || !(plan.IsUnified || plan.HasCgroupNamespace))
            return false;
        status[CrunPath] = plan.CgroupsPath;
        return true;
    }
}
