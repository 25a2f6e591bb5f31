using System.Text;
using Stasis.Engine.Checkpoints;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Supervision;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;
using Stasis.Engine.Images;
using Stasis.Engine.LazyPages;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeCommand;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Processes;

namespace Stasis.Engine.ExternalEngines;

/// <summary>
/// Checkpoints a container of another engine, which runs on. The engine isn't asked and isn't told: to Stasis, the container is one of a
/// root of its own, which is there for this checkpoint alone. If this process is killed, that root's recovery lets the container go on.
/// </summary>
/// <param name="engine">The engine whose root the temporary one is in.</param>
/// <param name="found">The container.</param>
internal sealed class ExternalCheckpoint(StasisEngine engine, ExternalContainer found)
{
    /// <summary>Makes the checkpoint.</summary>
    /// <param name="options">Where it goes; the container is left running.</param>
    /// <param name="recipients">Public keys the archive is encrypted to.</param>
    /// <param name="progress">Receives each step.</param>
    /// <param name="cancellation">Obeyed until the checkpoint is complete; the container then runs as before.</param>
    public async Task<CheckpointResult> RunAsync(
        CheckpointOptions options,
        IReadOnlyList<AgeRecipient> recipients,
        IProgress<OperationProgress>? progress,
        CancellationToken cancellation)
    {
        RequirePossible();
        using var alone = await engine.Log.Locks.AcquireAsync(engine.Layout.ExternalLock(found.Task.Id), shared: false, cancellation);
        using var staging = StagingFolder.Create(engine.Layout);
        await using var own = Open(staging);
        await own.Command.RequireInstalledAsync(cancellation);
        using var locked = await AdoptAsync(own, cancellation);
        await WaitForMemoryAsync(progress, cancellation);
        var result = await new CheckpointOperation(locked, options, recipients, progress).RunAsync(cancellation);
        alone.Remove();
        return result with { Container = result.Container with { Config = result.Container.Config with { Id = found.Task.Id } } };
    }

    /// <summary>Looks for what a checkpoint can't hold. Nothing is touched.</summary>
    public async Task<IReadOnlyList<Checkpoints.Preflight.PreflightFinding>> LookAsync(
        CheckpointOptions options, CancellationToken cancellation)
    {
        RequirePossible();
        using var staging = StagingFolder.Create(engine.Layout);
        await using var own = Open(staging);
        using var locked = await AdoptAsync(own, cancellation);
        return await CheckpointPreflight.LookAsync(locked, options, cancellation);
    }

    private StasisEngine Open(StagingFolder staging)
    {
        var options = engine.Options with
        {
            Root = staging.PathOf(StagingFolder.Root),
            RunRoot = staging.PathOf(StagingFolder.RunRoot),
            Runtime = FindRuntime(),
            StoreLimits = null,
        };
        return new StasisEngine(options) { LocalArchives = engine.LocalArchives }; // the archive is this host's own
    }

    private void RequirePossible()
    {
        var spaces = found.Task.Spec.Linux?.Namespaces ?? [];
        if (!spaces.Any(space => space is { Type: "pid", Path: null or "" }))
        {
            throw new InvalidStateException($"container {found.Name} shares a PID namespace: CRIU can't dump it without the others in that")
            {
                Remedy = "run it in a PID namespace of its own",
            };
        }
        if (spaces.Any(space => space.Type == "user"))
            throw new InvalidStateException($"container {found.Name} has a user namespace, which Stasis can't restore");
        if (found.Image is null)
        {
            throw new StasisException($"container {found.Name}: its image isn't known, and a restore needs it")
            {
                Remedy = found.Task.Engine == ContainerEngine.Containerd ? "install ctr, which tells it" : null,
            };
        }
    }

    // stasis-runtime hands everything but a restore to the runtime behind it.
    private string FindRuntime()
    {
        var settings = RuntimeSettings.Read();
        var runtime = Path.GetFileName(found.Task.Runtime) == RuntimeProgram.Name || Directory.Exists(FindRecord(settings).Folder)
            ? settings.Runtime : found.Task.Runtime;
        return RuntimeRecord.IsCrun(found.Task) && !Oci.Runtime.IsCrun(runtime) ? "crun" : runtime;
    }

    private string EngineName => ExternalContainerFinder.GetName(found.Task.Engine);

    // A container that was restored has mounts that its bundle doesn't tell of.
    private OciSpec? ReadRestoredSpec() => EngineTask.TryReadSpec(FindRecord(RuntimeSettings.Read()).Folder);

    // That of stasis-runtime, if it has restored the container.
    private RestoredBundleLayout FindRecord(RuntimeSettings settings) =>
        new Layout(settings.Root, settings.RunRoot).RestoredBundle(found.Task.RuntimeRoot, found.Task.Id);

    private Task WaitForMemoryAsync(IProgress<OperationProgress>? progress, CancellationToken cancellation)
    {
        var memory = FindRecord(RuntimeSettings.Read()).LazyPages;
        return LazyMemorySupervisor.WaitUntilLoadedAsync(found.Name, memory, $"cat {memory}", Report, cancellation);

        void Report(LazyPagesProgress memory) =>
            progress?.Report(new OperationProgress("waiting for its memory", memory.Loaded, memory.Total));
    }

    private async Task<LockedContainer> AdoptAsync(StasisEngine own, CancellationToken cancellation)
    {
        var record = RuntimeRecord.Read(found.Task);
        if (record.IsPaused)
        {
            throw new InvalidStateException(
                $"container {found.Name} is paused, or hasn't been started: a checkpoint would let it run, and {EngineName} wouldn't know")
            {
                Remedy = "unpause or start it",
            };
        }
        var id = IsHexadecimal(found.Task.Id)
            ? found.Task.Id : Convert.ToHexStringLower(Sha256.Compute(Encoding.UTF8.GetBytes(found.Task.Id)));
        var named = found with
        {
            Image = ImageName.TryParse(found.Image!)?.Registry().ToString() ?? found.Image,
            Task = found.Task with { Runtime = own.Options.Runtime, Spec = ReadRestoredSpec() ?? found.Task.Spec },
        };
        var spec = new ExternalSpec(named, id, record);
        var layers = ExternalLayout.Link(own.Layout, id, named, spec);
        record.WriteCopy(own.Layout.RuntimeState(own.Options.Runtime, id), id, own.Layout.Container(id).CriuConfig);
        var container = spec.Create(CreateState(record), layers);
        var held = await FileLockOf(own, id, cancellation);
        own.ContainerStore.Insert(container);
        return new LockedContainer(own, container, held);
    }

    private static Task<Stasis.Linux.Files.FileLock> FileLockOf(StasisEngine own, string id, CancellationToken cancellation) =>
        own.Log.Locks.AcquireAsync(own.Layout.ContainerLock(id), shared: false, cancellation);

    private ContainerState CreateState(RuntimeRecord record) => new()
    {
        Status = ContainerStatus.Running,
        Pid = record.Pid,
        PidStartTime = PidFd.StartTime(record.Pid)
            ?? throw new InvalidStateException($"container {found.Name} of {EngineName} has ended"),
        ConmonPid = found.Task.Supervisor,
        ConmonStartTime = PidFd.StartTime(found.Task.Supervisor) ?? 0,
        StartedAt = DateTimeOffset.UtcNow,
    };

    private static bool IsHexadecimal(string id) => id.Length == 64 && id.All(char.IsAsciiHexDigitLower);
}
