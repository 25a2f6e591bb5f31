using System.Diagnostics;
using System.Globalization;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Engine.Vetting;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>
    /// Makes several copies at once, as many at a time as there are processors, of an archive, a checkpoint image or a checkpoint in the
    /// store. The source is read once.
    /// </summary>
    /// <param name="source">Where the copies come from; not a container in place.</param>
    /// <param name="copies">Which copies.</param>
    /// <param name="progress">Told how far reading has come.</param>
    /// <param name="made">Told of each copy when it runs, or has failed; and again if it ran and was removed.</param>
    /// <param name="cancellationToken">
    /// Cancels copies that don't run yet; those that do are removed again, unless <see cref="CopiesOptions.KeepGoing"/>.
    /// </param>
    /// <returns>The outcomes, in the order of the names. Without <see cref="CopiesOptions.KeepGoing"/> all copies run.</returns>
    /// <exception cref="RestoreFailedException">A copy failed; none is left. The message says why.</exception>
    public async Task<IReadOnlyList<CopyOutcome>> RestoreCopiesAsync(
        CheckpointSource source,
        CopiesOptions copies,
        IProgress<OperationProgress>? progress = null,
        IProgress<CopyOutcome>? made = null,
        CancellationToken cancellationToken = default)
    {
        if (source is CheckpointSource.InPlace)
            throw new StasisException("a container that is checkpointed in place can't be restored as copies") { Remedy = "clone it" };
        // The source is vetted before it is stored; each copy vets what is in the store once more. Their names are their own.
        var network = copies.Restore.Network;
        var original = copies.Restore with
        {
            Identity = new RestoreIdentityOptions { CopyNumber = 0 },
            Network = network with { IgnorePorts = network.Publish.Count == 0 },
        };
        var operation = RestoreOperation.Create(_engine, source, original, progress);
        await _engine.Command.RequireInstalledAsync(cancellationToken);
        RequireFree(copies);
        using var opened = await operation.OpenSourceAsync(cancellationToken);
        CheckpointLease? stored = null;
        try
        {
            var dump = operation.ReadAndVet(opened, cancellationToken);
            copies = WithNames(copies, dump.Config.Name);
            RestoredVolumes.RequireApart(_engine, dump.Config, Each(copies), source.DisplayName, dump.IsLocal, copies.KeepGoing);
            stored = await opened.CommitAsync(dump.Config, durable: false, cancellationToken);
            return await MakeAsync(stored.Id, copies, made, cancellationToken);
        }
        finally
        {
            opened.Dispose();
            stored?.DisposeAndPrune();
        }
    }

    /// <summary>
    /// Makes copies of a container: checkpoints it once, into the store, lets it run on, and starts the copies from there. A container that
    /// is checkpointed in place isn't checkpointed again.
    /// </summary>
    /// <param name="nameOrId">The container.</param>
    /// <param name="checkpoint">How it is checkpointed. Established TCP connections never hinder that: the original keeps them.</param>
    /// <param name="copies">Which copies.</param>
    /// <param name="progress">Told how far the checkpoint has come.</param>
    /// <param name="made">Told of each copy when it runs, or has failed; and again if it ran and was removed.</param>
    /// <param name="cancellationToken">
    /// As for <see cref="RestoreCopiesAsync"/>; until the checkpoint is made, the container runs on as before.
    /// </param>
    /// <exception cref="NotFoundException">There is no such container.</exception>
    /// <exception cref="CheckpointFailedException">It couldn't be checkpointed; it runs as before.</exception>
    /// <exception cref="RestoreFailedException">A copy failed; none is left.</exception>
    public async Task<IReadOnlyList<CopyOutcome>> CloneAsync(
        string nameOrId,
        CheckpointOptions checkpoint,
        CopiesOptions copies,
        IProgress<OperationProgress>? progress = null,
        IProgress<CopyOutcome>? made = null,
        CancellationToken cancellationToken = default)
    {
        // A policy that can't be read is known before the container is checkpointed.
        _ = ImportPermissions.Load(copies.Restore.Trust.Allow, copies.Restore.Trust.Policy);
        copies = WithNames(copies, _engine.Containers.Get(nameOrId).Name);
        RequireFree(copies);
        // Should this process die before a copy uses the checkpoint, the staging folder has the next command look for it.
        using var staging = StagingFolder.Create(_engine.Layout);
        var container = _engine.Containers.Get(nameOrId);
        RestoredVolumes.RequireApart(
            _engine, container.Config, Each(copies), $"container {container.Name}", isOwn: true, copies.KeepGoing);
        var stored = await CheckpointToStoreAsync(container, checkpoint, progress, cancellationToken);
        try
        {
            FaultPoint.Hit("clone.frozen");
            return await RestoreCopiesAsync(new CheckpointSource.InStore(stored.Id), copies, progress, made, cancellationToken);
        }
        finally
        {
            stored.DisposeAndPrune();
        }
    }

    // The checkpoint that the copies are made from. It can't be removed before they are.
    private async Task<CheckpointLease> CheckpointToStoreAsync(
        Container container, CheckpointOptions checkpoint, IProgress<OperationProgress>? progress, CancellationToken cancellation)
    {
        using var adding = await _engine.CheckpointStore.BeginAddingAsync(cancellation);
        var id = container.State is { Checkpointed: true, IsAlive: false, CheckpointId: { } kept } ? kept : await CheckpointNewAsync();
        return await CheckpointLease.AcquireAsync(
            _engine, id, $"the checkpoint of container {container.Name}", CancellationToken.None);

        async Task<string> CheckpointNewAsync()
        {
            var options = checkpoint with { Store = true, TcpEstablished = true };
            return (await CheckpointAsync(container.Id, options, progress, cancellation)).Checkpoint!;
        }
    }

    private async Task<IReadOnlyList<CopyOutcome>> MakeAsync(
        string stored, CopiesOptions copies, IProgress<CopyOutcome>? made, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var slots = new SemaphoreSlim(Environment.ProcessorCount);
        var source = new CheckpointSource.InStore(stored);
        var outcomes = await Task.WhenAll(Each(copies).Select(options => Task.Run(() => MakeOneAsync(options), CancellationToken.None)));
        var first = outcomes.FirstOrDefault(outcome => outcome.Failure is not (null or OperationCanceledException))
            ?? outcomes.FirstOrDefault(outcome => outcome.Failure is not null);
        if (copies.KeepGoing || first is null)
            return outcomes;
        var left = new List<string>();
        foreach (var copy in outcomes.Where(outcome => outcome.Container is not null))
        {
            if (await RestoreOperation.TryRemoveAsync(_engine, copy.Container!) is { } why)
                left.Add($"copy {copy.Name} couldn't be removed: {why.Message}");
            made?.Report(copy with { Failure = first.Failure });
        }
        if (left.Count > 0)
            throw new RestoreFailedException($"copy {first.Name}: {first.Failure!.Message}; {string.Join("; ", left)}", first.Failure);
        cancellation.ThrowIfCancellationRequested();
        throw new RestoreFailedException($"copy {first.Name}: {first.Failure!.Message}; no copy is left", first.Failure)
        {
            Remedy = (first.Failure as StasisException)?.Remedy
                ?? (outcomes.Length > 1 ? "with --keep-going those that can be made are" : null),
        };

        async Task<CopyOutcome> MakeOneAsync(RestoreOptions options)
        {
            var watch = Stopwatch.StartNew();
            CopyOutcome outcome;
            try
            {
                await slots.WaitAsync(stop.Token);
                try
                {
                    watch.Restart();
                    var restored = await RestoreAsync(source, options, progress: null, stop.Token);
                    outcome = new CopyOutcome(options.Identity.Name!, restored.Container, watch.Elapsed, null);
                    FaultPoint.Hit("clone.copied");
                }
                finally
                {
                    slots.Release();
                }
            }
            catch (Exception e) when (e is StasisException or IOException or OperationCanceledException)
            {
                outcome = new CopyOutcome(options.Identity.Name!, null, watch.Elapsed, e);
                if (!copies.KeepGoing)
                    await stop.CancelAsync();
            }
            made?.Report(outcome);
            return outcome;
        }
    }

    private static List<RestoreOptions> Each(CopiesOptions copies) =>
        [.. copies.Names.Select((name, i) => OptionsFor(copies.Restore, name, i + 1))];

    private static RestoreOptions OptionsFor(RestoreOptions all, string name, int number)
    {
        var tcp = all.Network.TcpConnections == TcpConnectionHandling.Keep ? TcpConnectionHandling.Keep : TcpConnectionHandling.Close;
        var hostname = all.Identity.Hostname ?? (RestoredHostname.IsValid(name) ? name : null);
        var options = all with
        {
            Identity = all.Identity with { Name = name, CopyNumber = number, Hostname = hostname },
            Network = all.Network with { TcpConnections = tcp, IgnorePorts = all.Network.Publish.Count == 0 },
            Trust = all.Trust with { RequireSignature = false, Identities = [] }, // both were used when the source was read
        };
        return options.ExpandPlaceholders();
    }

    private CopiesOptions WithNames(CopiesOptions copies, string original)
    {
        if (copies.Names.Count > 0)
        {
            copies.OnNamesChosen?.Invoke(copies.Names);
            return copies;
        }
        var template = copies.Template.Replace("{name}", original, StringComparison.Ordinal);
        var names = Numbered(template).Where(name => !_engine.ContainerStore.IsNameTaken(name)).Take(copies.Replicas).ToList();
        copies.OnNamesChosen?.Invoke(names);
        return copies with { Names = names };
    }

    private static IEnumerable<string> Numbered(string template)
    {
        for (var number = 1; ; number++)
            yield return template.Replace("{n}", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    // If the others go on, a name that is taken is that copy's own failure; unless all are, and there is nothing to make.
    private void RequireFree(CopiesOptions copies)
    {
        var names = copies.Names;
        foreach (var name in names)
            ObjectName.Require("container", name);
        if (!copies.KeepGoing || names.All(_engine.ContainerStore.IsNameTaken))
        {
            foreach (var name in names)
                _engine.ContainerStore.RefuseTaken(null, name);
        }
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new StasisException($"two copies would both have the name {twice.Key}") { Remedy = "give each another" };
    }
}
