using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints;

public sealed partial class CheckpointManager
{
    /// <summary>Finds the checkpoints that are beyond the limits. Those with names, and those that containers use, never are.</summary>
    public IReadOnlyList<StoredCheckpoint> FindPrunable(StoreLimits limits)
    {
        var all = List();
        var free = all.Where(checkpoint => checkpoint.Tags.Count == 0 && UsersOf(checkpoint).Count == 0).Skip(limits.Keep ?? 0).ToList();
        if (limits is { MaxAge: null, MaxSize: null })
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
}
