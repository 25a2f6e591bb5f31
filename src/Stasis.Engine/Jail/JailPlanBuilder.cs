using System.Text;
using System.Text.Json;
using Stasis.Engine.Common;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Adoption;
using Stasis.Engine.Criu;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
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
        var paths = container.Paths;
        var request = new JailRequest
        {
            Id = container.Id,
            Runtime = container.Runtime,
            Spec = spec,
            Restore = restore,
            Programs = container.Engine.Layout.JailPrograms(container.Runtime.Path),
            Folder = paths.Jail,
            Bundle = paths.Bundle,
            Script = File.Exists(paths.CriuScript) ? await File.ReadAllTextAsync(paths.CriuScript, cancellation) : null,
            RootFs = paths.Merged,
            StateRoot = container.Engine.Layout.RuntimeRoot(container.Runtime.Path),
            Log = paths.RuntimeLog,
            PidFile = paths.PidFile,
            PagesSocket = File.Exists(paths.LazyPagesSocket) ? paths.LazyPagesSocket : null,
        };
        var plan = await PrepareAsync(request, cancellation);
        plan.Write(paths.JailPlan);
        return [container.Engine.Command.Path, JailedRestore.Verb, paths.JailPlan];
    }

    /// <summary>Plans a jail, and writes the files of its bundle.</summary>
    /// <param name="request">What is to be restored in it.</param>
    /// <param name="cancellation">Stops looking for the libraries of programs.</param>
    public static async Task<JailPlan> PrepareAsync(JailRequest request, CancellationToken cancellation)
    {
        var (spec, runtime, restore, host) = (request.Spec, request.Runtime, request.Restore, HostCgroups.Read());
        await CriuKernelData.EnsureAsync(runtime.RequireCriu(), cancellation);
        var hasCgroupNamespace = spec.Linux!.Namespaces?.Any(space => space is { Type: "cgroup", Path: null or "" }) == true;
        FileTree.Remove(request.Folder);
        PrivateDirectory.Create(request.BundleSource);
        PrivateDirectory.Create(request.NewRoot);
        var programs = await JailPrograms.PrepareAsync(
            runtime.Path,
            runtime.RequireCriu(),
            RuntimeEnvironment.GetPath(runtime.Environment),
            request.Programs,
            cancellation);
        var plan = new JailPlan
        {
            Id = request.Id,
            Runtime = runtime.Path,
            Criu = runtime.RequireCriu(),
            Programs = programs.Paths,
            ProgramCopies = programs.Folder,
            ReadOnlyFolders = GetAssemblies(),
            NewRoot = request.NewRoot,
            Bundle = request.Bundle,
            BundleSource = request.BundleSource,
            Images = restore.Images,
            ParentImages = RealPath.TryResolve(Path.Combine(restore.Images, CriuConfig.ParentLink)),
            RootFs = request.RootFs,
            Binds = GetBinds(spec),
            Files = [.. GetFiles(spec)],
            PagesSocket = request.PagesSocket,
            Cgroups = JailCgroups.Locate(host, spec.Linux.CgroupsPath!),
            // runc moves CRIU there before it lets CRIU begin; crun moves the container's first process when CRIU has ended.
            EntersCgroups = Runtime.IsCrun(runtime.Path),
            HasCgroupNamespace = hasCgroupNamespace,
            Hierarchies = JailCgroups.FindHierarchies(host),
            IsUnified = host.IsUnified,
            CgroupsPath = spec.Linux.CgroupsPath!,
            StateRoot = request.StateRoot,
            Log = request.Log,
            PidFile = request.PidFile,
            HasHostNetwork = spec.Linux.Namespaces?.Any(space => space.Type == "network") != true,
            DroppedCapabilities = DroppedCapabilities.GetDropped(spec, isUntrusted: restore.Allowed is not null),
            Allowed = restore.Allowed,
            RequiresVerification = DefenceSwitches.Look && restore.Allowed is not null,
            Findings = request.Findings,
        };
        WriteBundle(request, spec with { Linux = spec.Linux with { CgroupsPath = plan.JailedCgroupsPath } }, plan);
        return plan;
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

    private static IEnumerable<string> GetFiles(OciSpec spec) =>
        (spec.Linux?.Namespaces ?? []).Select(space => space.Path).OfType<string>().Where(path => path.Length > 0);

    private static void WriteBundle(JailRequest request, OciSpec spec, JailPlan plan)
    {
        var next = 0;
        var mounts = spec.Mounts?.Select(mount =>
            RestoredMountSources.IsBind(mount) && mount.Source is not null
                ? mount with { Source = plan.Binds[next++].Target } : mount).ToList();
        Write("config.json", JsonSerializer.SerializeToUtf8Bytes(spec with { Mounts = mounts }, EngineJson.Default.OciSpec));
        List<string> script = [request.Script ?? "#!/bin/sh\n"];
        if (plan.RequiresVerification)
            script.Add(PreResumeGate.GetScript(JailMounts.PrivateFolder));
        List<string> options = [.. request.Restore.Configuration, "manage-cgroups=ignore"];
        // CRIU would give the container's own mounts of a v1 hierarchy, /sys/fs/cgroup/CONTROLLER, the caller's group as root.
        options.AddRange(plan.Cgroups.Where(IsLegacy).Select(cgroup => $"external mnt[{cgroup[..^plan.CgroupsPath.Length]}]:{cgroup}"));
        if (script.Count > 1 || request.Script is not null)
        {
            Write(request.CriuScript, Encoding.UTF8.GetBytes(string.Concat(script)), mode: 0x140 /* 0500 */);
            if (!options.Any(option => option.StartsWith("action-script", StringComparison.Ordinal)))
                options.Add($"action-script {request.CriuScript}");
        }
        Write(request.CriuConfig, CriuConfig.Text(options));

        void Write(string file, ReadOnlySpan<byte> content, int mode = 0x180 /* 0600 */) =>
            AtomicFile.Write(Path.Combine(request.BundleSource, Path.GetFileName(file)), content, mode, durable: false);
    }

    private static bool IsLegacy(string cgroup) => !File.Exists(Path.Combine(cgroup, "cgroup.controllers"));
}
