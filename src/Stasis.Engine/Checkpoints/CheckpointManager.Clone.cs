using System.Diagnostics;
using System.Globalization;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Engine.Vetting;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>
    /// Makes several copies at once, as many at a time as there are processors, of an archive, a checkpoint image or a checkpoint in the store. That is read once.
    /// </summary>
    /// <param name="copies">Which.</param>
    /// <param name="progress">Told how far the reading has come.</param>
    /// <param name="made">Told of each copy when it runs, or has failed; and again if it ran and was removed.</param>
    /// <param name="cancellation">Cancels it; copies that run already are removed again, unless the others would go on.</param>
    /// <returns>In the order of the names. Without <see cref="CopiesOptions.KeepGoing"/> all of them run.</returns>
    /// <exception cref="RestoreFailedException">A copy failed; none is left. The message says why.</exception>
    public async Task<IReadOnlyList<CopyOutcome>> RestoreCopiesAsync(
        CopiesOptions copies, IProgress<CheckpointProgress>? progress, IProgress<CopyOutcome>? made, CancellationToken cancellation)
    {
        AllowList.Require(copies.Restore);
        await _engine.Command.RequireAsync(cancellation);
        RequireFree(copies);
        using var import = await StoreImport.OpenAsync(
            _engine, CheckpointSource.FromOptions(copies.Restore, _engine), ImportAccess.FromOptions(copies.Restore), ImportModes.FromOptions(copies.Restore), progress, cancellation);
        var stored = "";
        try
        {
            // Vetted before it is stored, and again for each copy, as what is in the store is.
            var (config, _) = new ImportRun(_engine, copies.Restore, progress).Read(import, cancellation);
            copies = WithNames(copies, config.Name);
            RestoredVolumes.RequireApart(_engine, config, Each("", copies), CheckpointSource.FromOptions(copies.Restore, _engine).Title, copies.KeepGoing);
            stored = await import.StoreAsync(config, durable: false, cancellation);
            return await MakeAsync(stored, copies, made, cancellation);
        }
        finally
        {
            import.Dispose(); // else it would be held against its own removal
            _engine.CheckpointStore.Release(stored.Length > 0 ? stored : null, container: "");
        }
    }

    /// <summary>
    /// Makes copies of a container: freezes it once, into the store, lets it run on, and starts the copies from there. One that is checkpointed in place isn't frozen again.
    /// </summary>
    /// <param name="nameOrId">The container.</param>
    /// <param name="freeze">How it is frozen. Established TCP connections never hinder it: the original keeps them.</param>
    /// <param name="copies">Which copies.</param>
    /// <param name="progress">Told how far the freezing has come.</param>
    /// <param name="made">Told of each copy when it runs, or has failed.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <exception cref="CheckpointFailedException">It couldn't be frozen; it runs as before.</exception>
    /// <exception cref="RestoreFailedException">A copy failed; none is left.</exception>
    public async Task<IReadOnlyList<CopyOutcome>> CloneAsync(
        string nameOrId, CheckpointOptions freeze, CopiesOptions copies, IProgress<CheckpointProgress>? progress, IProgress<CopyOutcome>? made, CancellationToken cancellation)
    {
        AllowList.Require(copies.Restore);
        copies = WithNames(copies, _engine.Containers.Get(nameOrId).Name);
        RequireFree(copies);
        // Should this process die before a copy uses the checkpoint, this tells the next command to look for it.
        using var staging = StagingFolder.Create(_engine.Layout);
        var container = _engine.Containers.Get(nameOrId);
        RestoredVolumes.RequireApart(_engine, container.Config, Each("", copies), $"container {container.Name}", copies.KeepGoing);
        var id = container.State is { Checkpointed: true, IsAlive: false, CheckpointId: { } kept } ? kept
            : (await CheckpointAsync(container.Id, freeze with { Store = true, TcpEstablished = true }, progress, cancellation)).Checkpoint!;
        FaultPoint.Hit("clone.frozen");
        try
        {
            return await RestoreCopiesAsync(copies with { Restore = copies.Restore with { Checkpoint = id } }, progress, made, cancellation);
        }
        finally
        {
            _engine.CheckpointStore.Release(id, container: "");
        }
    }

    private async Task<IReadOnlyList<CopyOutcome>> MakeAsync(string stored, CopiesOptions copies, IProgress<CopyOutcome>? made, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var slots = new SemaphoreSlim(Environment.ProcessorCount);
        var outcomes = await Task.WhenAll(Each(stored, copies).Select(options => Task.Run(() => MakeOneAsync(options), CancellationToken.None)));
        var first = outcomes.FirstOrDefault(outcome => outcome.Failure is not (null or OperationCanceledException)) ?? outcomes.FirstOrDefault(outcome => outcome.Failure is not null);
        if (copies.KeepGoing || first is null)
            return outcomes;
        foreach (var copy in outcomes.Where(outcome => outcome.Container is not null))
        {
            await _engine.Containers.RemoveAsync(copy.Container!.Id, force: true, CancellationToken.None);
            made?.Report(copy with { Failure = first.Failure });
        }
        cancellation.ThrowIfCancellationRequested();
        throw new RestoreFailedException($"copy {first.Name}: {first.Failure!.Message}; no copy is left", first.Failure)
        {
            Remedy = (first.Failure as StasisException)?.Remedy ?? (outcomes.Length > 1 ? "with --keep-going those that can be made are" : null),
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
                    outcome = new CopyOutcome(options.Name!, (await RestoreAsync(options, null, stop.Token)).Container, watch.Elapsed, null);
                    FaultPoint.Hit("clone.copied");
                }
                finally
                {
                    slots.Release();
                }
            }
            catch (Exception e) when (e is StasisException or IOException or OperationCanceledException)
            {
                outcome = new CopyOutcome(options.Name!, null, watch.Elapsed, e);
                if (!copies.KeepGoing)
                    await stop.CancelAsync();
            }
            made?.Report(outcome);
            return outcome;
        }
    }

    private static List<RestoreOptions> Each(string stored, CopiesOptions copies) => [.. copies.Names.Select((name, i) => Options(stored, copies.Restore, name, i + 1))];

    private static RestoreOptions Options(string stored, RestoreOptions all, string name, int number)
    {
        return (all with
        {
            Import = null,
            Image = null,
            Container = null,
            Checkpoint = stored,
            RequireSignature = false, // it was required when the archive was read
            Identities = [],
            Name = name,
            Copy = number,
            Hostname = all.Hostname ?? (RestoredHostname.IsValid(name) ? name : null),
            TcpClose = !all.TcpEstablished,
            IgnorePorts = all.Publish.Count == 0,
        }).ExpandPlaceholders();
    }

    private CopiesOptions WithNames(CopiesOptions copies, string original)
    {
        if (copies.Names.Count > 0)
        {
            copies.Named?.Invoke(copies.Names);
            return copies;
        }
        var names = Numbered(copies.Template.Replace("{name}", original, StringComparison.Ordinal)).Where(name => !_engine.ContainerStore.IsNameTaken(name)).Take(copies.Replicas).ToList();
        copies.Named?.Invoke(names);
        return copies with { Names = names };
    }

    private static IEnumerable<string> Numbered(string template)
    {
        for (var number = 1; ; number++)
            yield return template.Replace("{n}", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    // Where the others go on, a name that is taken is that copy's own failure; unless all are, and there is nothing to be made.
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
