using System.Text;
using System.Text.Json;
using Stasis.Engine.Common;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Criu;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;
using RuntimeEnvironmentInfo = System.Runtime.InteropServices.RuntimeEnvironment;

namespace Stasis.Engine.Jail;

/// <summary>The engine's side of a jail: what a restore's runtime needs to see, worked out and written down.</summary>
internal static class JailPlanBuilder
{
    /// <summary>Whether a container can be restored in a jail: hooks are programs of the host, which have to see the host.</summary>
    public static bool IsPossible(OciSpec spec) =>
        spec.Linux?.CgroupsPath is ['/', ..] && !HasHooks(spec) && CriuConfig.IsUsed(spec);

    /// <summary>Whether a spec has a hook. <c>"hooks": {"prestart": []}</c> has none.</summary>
    public static bool HasHooks(OciSpec spec) => spec.Hooks is { ValueKind: not JsonValueKind.Null } hooks
        && !(hooks.ValueKind == JsonValueKind.Object && hooks.EnumerateObject().All(kind => IsEmpty(kind.Value)));

    private static bool IsEmpty(JsonElement list) => list.ValueKind == JsonValueKind.Null
        || (list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 0);

    /// <summary>Makes the container's cgroups, in which the jail's runtime puts CRIU.</summary>
    public static void CreateCgroups(OciSpec spec) => JailCgroups.Create(HostCgroups.Read(), spec.Linux!.CgroupsPath!);

    /// <summary>Writes the jail's plan and the files of its bundle.</summary>
    /// <param name="container">The container, mounted, whose cgroups are made (<see cref="CreateCgroups"/>).</param>
    /// <param name="spec">The bundle's spec, in which links in the sources of binds are resolved.</param>
    /// <param name="restore">What it is restored from.</param>
    /// <param name="cancellation">Stops looking for the libraries of programs.</param>
    /// <returns>Program and arguments that conmon is to run in place of the runtime.</returns>
    public static async Task<IReadOnlyList<string>> PrepareAsync(
        LockedContainer container, OciSpec spec, RestoreRequest restore, CancellationToken cancellation)
    {
        var (paths, runtime, host) = (container.Paths, container.Runtime, HostCgroups.Read());
        await CriuKernelData.EnsureAsync(runtime.RequireCriu(), cancellation);
        var cgroups = JailCgroups.Locate(host, spec.Linux!.CgroupsPath!);
        var binds = GetBinds(spec);
        var hasCgroupNamespace = spec.Linux.Namespaces?.Any(space => space is { Type: "cgroup", Path: null or "" }) == true;
        FileTree.Remove(paths.Jail);
        PrivateDirectory.Create(paths.JailBundle);
        PrivateDirectory.Create(paths.JailRoot);
        var programs = await JailPrograms.PrepareAsync(
            runtime.Path,
            runtime.RequireCriu(),
            RuntimeEnvironment.GetPath(runtime.Environment),
            container.Engine.Layout.JailPrograms(runtime.Path),
            cancellation);
        var plan = new JailPlan
        {
            Id = container.Id,
            Runtime = runtime.Path,
            Programs = programs.Paths,
            ProgramCopies = programs.Folder,
            ReadOnlyFolders = GetAssemblies(),
            NewRoot = paths.JailRoot,
            Bundle = paths.Bundle,
            BundleSource = paths.JailBundle,
            Images = restore.Images,
            ParentImages = RealPath.TryResolve(Path.Combine(restore.Images, CriuConfig.ParentLink)),
            RootFs = paths.Merged,
            Binds = binds,
            Files = [.. GetFiles(spec, paths)],
            Cgroups = cgroups,
            // runc moves CRIU there before it lets CRIU begin; crun moves the container's first process when CRIU has ended.
            EntersCgroups = hasCgroupNamespace || Runtime.IsCrun(runtime.Path),
            HasCgroupNamespace = hasCgroupNamespace,
            Hierarchies = JailCgroups.FindHierarchies(host),
            IsUnified = host.IsUnified,
            CgroupsPath = spec.Linux.CgroupsPath!,
            StateRoot = container.Engine.Layout.RuntimeRoot(runtime.Path),
            Log = paths.RuntimeLog,
            PidFile = paths.PidFile,
            HasHostNetwork = spec.Linux.Namespaces?.Any(space => space.Type == "network") != true,
            DroppedCapabilities = DroppedCapabilities.GetDropped(spec, isUntrusted: restore.Allowed is not null),
            Allowed = restore.Allowed,
            RequiresVerification = DefenceSwitches.Look && restore.Allowed is not null,
            Findings = paths.JailFindings,
        };
        WriteBundle(paths, spec with { Linux = spec.Linux with { CgroupsPath = plan.JailedCgroupsPath } }, plan, restore);
        plan.Write(paths.JailPlan);
        return [container.Engine.Command.Path, JailedRestore.Verb, paths.JailPlan];
    }

    // A stasis that isn't compiled ahead of time loads assemblies while it starts the runtime.
    private static string[] GetAssemblies()
    {
        var framework = RuntimeEnvironmentInfo.GetRuntimeDirectory();
        return File.Exists(Path.Combine(framework, "System.Private.CoreLib.dll"))
            ? [AppContext.BaseDirectory.TrimEnd('/'), framework.TrimEnd('/')]
            : [];
    }

    // A source of the host's could be in the way of what the jail has at that path.
    private static List<JailBind> GetBinds(OciSpec spec) =>
        [.. (spec.Mounts ?? []).Where(mount => RestoredMountSources.IsBind(mount) && mount.Source is not null).Select(GetBind)];

    private static JailBind GetBind(OciMount mount, int index) => new(
        mount.Source!,
        FormattableString.Invariant($"{JailMounts.PrivateFolder}/binds/{index}"),
        mount.IsReadOnly,
        mount.Options?.Contains("rbind") == true);

    private static IEnumerable<string> GetFiles(OciSpec spec, ContainerLayout paths)
    {
        foreach (var space in spec.Linux?.Namespaces ?? [])
        {
            if (space.Path is { Length: > 0 } path)
                yield return path;
        }
        if (File.Exists(paths.LazyPagesSocket))
            yield return paths.LazyPagesSocket;
    }

    private static void WriteBundle(ContainerLayout paths, OciSpec spec, JailPlan plan, RestoreRequest restore)
    {
        var next = 0;
        var mounts = spec.Mounts?.Select(mount =>
            RestoredMountSources.IsBind(mount) && mount.Source is not null ? mount with { Source = plan.Binds[next++].Target } : mount).ToList();
        var jailed = JsonSerializer.SerializeToUtf8Bytes(spec with { Mounts = mounts }, EngineJson.Default.OciSpec);
        Write(paths.Spec, jailed);
        List<string> script = [.. File.Exists(paths.CriuScript) ? [File.ReadAllText(paths.CriuScript)] : (string[])["#!/bin/sh\n"]];
        if (plan.RequiresVerification)
            script.Add(PreResumeGate.GetScript(JailMounts.PrivateFolder));
        List<string> options = [.. restore.Configuration, "manage-cgroups=ignore"];
        // CRIU would give the container's own mounts of a v1 hierarchy, /sys/fs/cgroup/CONTROLLER, the caller's group as root.
        options.AddRange(plan.Cgroups.Where(IsLegacy).Select(cgroup => $"external mnt[{cgroup[..^plan.CgroupsPath.Length]}]:{cgroup}"));
        if (script.Count > 1 || File.Exists(paths.CriuScript))
        {
            Write(paths.CriuScript, Encoding.UTF8.GetBytes(string.Concat(script)), mode: 0x140 /* 0500 */);
            if (!options.Any(option => option.StartsWith("action-script", StringComparison.Ordinal)))
                options.Add($"action-script {paths.CriuScript}");
        }
        Write(paths.CriuConfig, CriuConfig.Text(options));

        void Write(string file, ReadOnlySpan<byte> content, int mode = 0x180 /* 0600 */) =>
            AtomicFile.Write(Path.Combine(paths.JailBundle, Path.GetFileName(file)), content, mode, durable: false);
    }

    private static bool IsLegacy(string cgroup) => !File.Exists(Path.Combine(cgroup, "cgroup.controllers"));
}
