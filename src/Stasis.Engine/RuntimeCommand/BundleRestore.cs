using System.Globalization;
using System.Text.Json;
using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Common;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Criu;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Jail;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeCommand.Hooks;
using Stasis.Engine.RuntimeCommand.Mounts;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Engine.Vetting;
using Stasis.Engine.Vetting.Findings;
using Stasis.Engine.Vetting.Images;
using Stasis.Linux.Files;
using Stasis.Linux.Network;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// The verb create for a bundle that names a checkpoint: restores the container, and holds it before its first instruction. The bundle is
/// the policy: what the checkpoint says its container was allowed counts for nothing. <see cref="RunAsync"/> has the steps in their order:
/// require; open; fit; verify; store; fill the root file system; vet the paths; launch; run the engine's hooks.
/// </summary>
internal sealed class BundleRestore
{
    private const uint PermissionBits = 0xFFF; // 07777

    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(10); // longer than it takes to end what a killed process has left

    private readonly StasisEngine _engine;
    private readonly RuntimeCommandLine _line;
    private readonly CheckpointSource _source;
    private readonly Runtime _runtime;
    private readonly OciSpec _spec;
    private readonly SystemdScope? _scope; // the container's cgroup, where systemd makes it
    private readonly string _folder;
    private readonly RestoredBundle _bundle;
    private readonly ImportPermissions _policy = ImportPermissions.Load([], null);

    /// <param name="engine">The engine whose store the checkpoint is read into.</param>
    /// <param name="line">The command line.</param>
    /// <param name="source">The checkpoint.</param>
    /// <exception cref="StasisException">The command line or the bundle can't be used.</exception>
    public BundleRestore(StasisEngine engine, RuntimeCommandLine line, CheckpointSource source)
    {
        (_engine, _line, _source) = (engine, line, source);
        if (line.Id is not { } id || !RestoredBundle.IsValidId(id))
            throw new StasisException($"invalid container ID \"{line.Id}\"");
        (Id, _folder) = (id, Path.GetFullPath(line.Bundle));
        _spec = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(_folder, "config.json")), EngineJson.Default.OciSpec)
            ?? throw new StasisException("the bundle's config.json is null");
        if (line.UsesSystemdCgroup)
        {
            _scope = SystemdScope.Parse(_spec.Linux?.CgroupsPath, id);
            _spec = _spec with { Linux = (_spec.Linux ?? new OciLinux()) with { CgroupsPath = _scope.ContainerPath } };
        }
        _runtime = Runtime.Find(engine.Layout, engine.Options.Runtime);
        _bundle = new RestoredBundle(engine.Layout, StateRoot, id);
    }

    private string Id { get; }

    private string Title => _source.DisplayName;

    private string RootFs => Path.GetFullPath(Path.Combine(_folder, _spec.Root!.Path));

    private string PidFile => _line.PidFile is { Length: > 0 } pid ? Path.GetFullPath(pid) : Path.Combine(_bundle.Folder, "pid");

    private string StateRoot => _line.GetStateRoot(_runtime.Path);

    private string StateFolder => Path.Combine(StateRoot, Id);

    /// <summary>Restores the container.</summary>
    /// <exception cref="StasisException">It can't be restored. Nothing is left but what was written to its root file system.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        BundleRequirements.Require(_line, _spec);
        using var alone = await LockAsync(cancellation);
        await using var watchdog = AbandonedRestore.Watch(_engine, StateRoot, Id);
        try
        {
            AbandonedRestore.End(_bundle, StateRoot, Id);
            if (Directory.Exists(StateFolder))
                throw new StasisException($"container {Id} exists already");
            if (RestoredBundle.Find(_engine.Layout, StateRoot, Id) is { } left)
                left.Remove(); // the runtime doesn't know the container any more
            await OpenAndRestoreAsync(cancellation);
            FaultPoint.Hit("bundle.restored");
            _bundle.Complete();
        }
        catch
        {
            AbandonedRestore.End(_bundle, StateRoot, Id);
            throw;
        }
        finally
        {
            alone.Remove();
        }
    }

    private async Task OpenAndRestoreAsync(CancellationToken cancellation)
    {
        var access = ArchiveKeyLoader.Read(_source, new ArchiveTrustOptions(), _policy);
        RequireNameable();
        using var opened = await new CheckpointOpener(_engine, _source, access, OpenPurpose.LazyIfLarge, null).OpenAsync(cancellation);
        try
        {
            if (_source is not CheckpointSource.Archive && access.Signers is { } signers)
                opened.RequireSignature(signers);
            FaultPoint.Hit("bundle.opened");
            await RestoreAsync(opened, cancellation);
        }
        catch
        {
            opened.Abandon();
            throw;
        }
        if (_source is CheckpointSource.Archive or CheckpointSource.RegistryImage)
            _engine.Checkpoints.PruneToLimits();
    }

    private async Task<FileLock> LockAsync(CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(LockLimit);
        try
        {
            return await _bundle.LockAsync(limited.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new StasisException($"container {Id} is being restored by another process");
        }
    }

    private async Task RestoreAsync(OpenedCheckpoint opened, CancellationToken cancellation)
    {
        var dump = DumpedContainer.Read(opened.Folder, Title);
        PreCheckpoint.RequireComplete(opened.Folder, Title);
        ProcessorCompatibility.RequireSuitable(opened.Folder, ignoresFeatures: false, Title);
        BundleRequirements.Require(dump, _spec, _runtime.Path, Title);
        using var staging = StagingFolder.Create(_engine.Layout);
        var images = new CheckpointEntryPaths(staging.Path);
        var (fitted, verified, memory) = VettingBudget.ForCheckpoint(opened.Folder).Run(Title, () => Fit(opened.Folder, images, dump));
        memory.RequireWithinLimit(_spec, Title);
        RequireAllowed(verified.Findings);
        CriuDumpCorrections.Apply(images.Images, EtcFiles.Paths);
        using var stored = await opened.CommitAsync(dump.Config, durable: false, cancellation);
        var volumes = BundleVolumes.Find(stored.Folder, dump.Config, _spec, _engine.Layout, Title);
        var joined = JoinedNamespaces.Find(fitted.Spec, _bundle.Folder);
        joined.Fit(images.Images, Title);
        var cgroups = JailCgroups.Locate(HostCgroups.Read(), fitted.Spec.Linux!.CgroupsPath!);
        if (Cgroup.Processes(cgroups).Count > 0)
            throw new StasisException($"there are processes in the container's cgroup, {fitted.Spec.Linux.CgroupsPath}");
        FaultPoint.Hit("bundle.stored");
        _bundle.Begin(cgroups, RootFs, _spec.Hooks);
        FaultPoint.Hit("bundle.begun");
        using var scope = _scope?.Start(_spec.Linux?.Resources, Path.GetDirectoryName(cgroups[0])!);
        if (scope is null)
            JailPlanBuilder.CreateCgroups(fitted.Spec);
        ApplyChanges(stored.Folder, cancellation);
        fitted.CreateSources(RootFs);
        RestoreShm(stored.Folder, images, fitted.Spec, cancellation);
        volumes.Fill(cancellation);
        if (_spec.Linux?.Namespaces?.Any(BundleSpec.IsOwnNetwork) == true)
            NetworkNamespace.Create(_bundle.Network);
        if (fitted.Spec.Linux.Namespaces?.FirstOrDefault(space => space.Type == "network")?.Path is { Length: > 0 } network)
            NetworkSysctls.Apply(fitted.Spec, network, Id);
        CheckpointVetting.RequirePaths(_policy, verified.Paths, RootFs, fitted.Spec, Title, cancellation);
        using (joined.Mount())
        {
            FaultPoint.Hit("bundle.filled");
            var launcher = new BundleLauncher(_engine, _bundle, _line)
            {
                Runtime = _runtime,
                Spec = joined.Spec,
                RootFs = RootFs,
                PidFile = PidFile,
                Allowed = _policy.Values,
                Title = Title,
            };
            await launcher.RunAsync(stored, images, joined.CriuOptions, memory.IsOnDemand(_spec), cancellation);
            joined.Require(int.Parse(await File.ReadAllTextAsync(PidFile, cancellation), CultureInfo.InvariantCulture));
        }
        FaultPoint.Hit("bundle.launched");
        RunHooks();
    }

    private (BundleSpec Spec, ImageVerification Images, BundleMemory Memory) Fit(
        CheckpointEntryPaths checkpoint, CheckpointEntryPaths images, DumpedContainer dump)
    {
        using var points = new MountPointResolver(RootFs, _spec.Mounts ?? []);
        var mounts = MountImage.Find(checkpoint.Images) is { } path ? MountImage.Read(path) : [];
        var own = new BundleSpec.OwnPaths(_bundle.Sources, _bundle.Network, Path.Combine(_folder, "criu.conf"));
        var fitted = BundleSpec.Create(_spec, Id, dump.Spec, mounts, points, own);
        new BundleImages(checkpoint, images, Title).Fit(fitted.Spec, dump.Spec, points);
        // For the images alone, the container's cgroup is the one that it had.
        var expected = fitted.Spec with { Linux = fitted.Spec.Linux! with { CgroupsPath = dump.Spec.Linux?.CgroupsPath } };
        return (fitted, ImageVerifier.Verify(images, dump.Config, expected, Title), BundleMemory.Read(images));
    }

    // The root folder's own mode is the engine's, as the images say now.
    private void ApplyChanges(CheckpointEntryPaths checkpoint, CancellationToken cancellation)
    {
        using var root = RootedPath.Open(RootFs);
        var mode = FileStatus.Read(RootFs).Mode & PermissionBits;
        RootfsDiff.Apply(checkpoint, RootFs, Title, cancellation);
        root.SetMode(".", mode);
    }

    // The engine sets up the container's network in them, say.
    private void RunHooks()
    {
        var state = new RuntimeState(_spec, Id, _folder, File.ReadAllText(PidFile).Trim()).ToJson("creating");
        _bundle.RunHooks(BundleHooks.Prestart, state);
        _bundle.RunHooks(BundleHooks.CreateRuntime, state);
    }

    // Whoever starts containers chooses the annotation: it may name what root has given a name, or allowed to be fetched.
    private void RequireNameable()
    {
        if (_source is CheckpointSource.RegistryImage { Name: var image } && _engine.Images.Find(image.ToString()) is null)
            RegistryPermission.Require(_policy, image, $"annotation {BundleCheckpoint.Annotation}");
        if (_source is not CheckpointSource.InStore(var tag))
            return;
        var stored = _engine.CheckpointStore.Find(tag);
        if (stored is null || stored.Tags.Count == 0 || !(stored.Tags.Contains(tag) || stored.Id == tag))
        {
            throw new NotFoundException($"no checkpoint in Stasis's store has the tag {tag}")
            {
                Remedy = "give it that tag: stasis checkpoint tag CHECKPOINT TAG",
            };
        }
    }

    private void RequireAllowed(IEnumerable<Finding> findings)
    {
        var refused = findings.Where(finding => finding.Severity == Severity.Refused && !_policy.Permits(finding)).ToList();
        if (refused.Count > 0)
            throw BundleRequirements.Refuse(refused, Title);
    }

    private static void RestoreShm(
        CheckpointEntryPaths checkpoint, CheckpointEntryPaths images, OciSpec spec, CancellationToken cancellation)
    {
        var shm = spec.Mounts?.FirstOrDefault(mount => mount is { Destination: "/dev/shm", Type: "bind", Source: not null });
        if (shm is null)
            return;
        var file = File.Exists(checkpoint.DevShm) ? checkpoint.DevShm : BundleImages.FreedShm(images);
        if (!File.Exists(file))
            return;
        using var packed = File.OpenRead(file);
        using var tar = CompressionStreams.OpenRead(packed); // plain, if it isn't CRIU's
        CheckpointEntryPaths.ExtractTar(tar, shm.Source!, cancellation, devices: false);
    }
}
