using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Linux;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>Finds the checkpoints that are beyond the limits. Those with names, and those that containers use, never are.</summary>
    public IReadOnlyList<StoredCheckpoint> FindPrunable(StoreLimits limits)
    {
        var all = List();
        var free = all.Where(checkpoint => checkpoint.Tags.Count == 0 && UsersOf(checkpoint).Count == 0).Skip(limits.Keep ?? 0).ToList();
        if (free.Count == 0 || limits is { MaxAge: null, MaxSize: null })
            return free;
        var old = limits.MaxAge is { } age ? free.Where(checkpoint => DateTimeOffset.UtcNow - checkpoint.Used > age).ToHashSet() : [];
        if (limits.MaxSize is { } most)
        {
            var sizes = all.ToDictionary(checkpoint => checkpoint.Id, SizeAlone);
            var left = sizes.Values.Sum() - old.Sum(checkpoint => sizes[checkpoint.Id]);
            foreach (var checkpoint in Enumerable.Reverse(free).Where(checkpoint => !old.Contains(checkpoint)).ToList())
            {
                if (left <= most)
                    break;
                left -= sizes[checkpoint.Id];
                old.Add(checkpoint);
            }
        }
        return [.. free.Where(old.Contains)];

        long SizeAlone(StoredCheckpoint checkpoint)
        {
            var size = SizeOf(checkpoint);
            return size.Total - size.Shared;
        }
    }

    /// <summary>Keeps the store within <see cref="EngineOptions.StoreLimits"/>. A failure is a warning.</summary>
    internal void PruneToLimits()
    {
        if (_engine.Options.StoreLimits is not { } limits)
            return;
        try
        {
            foreach (var checkpoint in FindPrunable(limits))
                TryPrune(checkpoint);
        }
        catch (Exception e) when (e is StasisException or LinuxException or IOException)
        {
            _engine.Warn($"the checkpoint store cannot be kept within its limits: {e.Message}");
        }
    }

    private void TryPrune(StoredCheckpoint checkpoint)
    {
        try
        {
            Remove(checkpoint);
        }
        catch (InUseException)
        {
            // A container is being made from it.
        }
    }
}
