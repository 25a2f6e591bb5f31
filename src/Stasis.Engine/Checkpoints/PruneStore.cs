using Stasis.Engine.Storage;

namespace Stasis.Engine.Checkpoints;

/// <summary>How much of the store is to stay. With none of the limits, nothing that isn't needed does.</summary>
public sealed record StoreLimits
{
    /// <summary>So many that were used last stay, whatever the other limits say.</summary>
    public int? Keep { get; init; }
    /// <summary>What was used within this time stays, as far as <see cref="MaxSize"/> allows.</summary>
    public TimeSpan? MaxAge { get; init; }
    /// <summary>As much stays as fits into so many bytes; what was used longest ago goes first. What may not go counts too.</summary>
    public long? MaxSize { get; init; }
}

public sealed partial class CheckpointManager
{
    /// <summary>Which checkpoints are beyond the limits. Those with names, and those that containers use, never are.</summary>
    public IReadOnlyList<StoredCheckpoint> FindPrunable(StoreLimits limits)
    {
        var all = List();
        var free = all.Where(checkpoint => checkpoint.Tags.Count == 0 && UsersOf(checkpoint).Count == 0).Skip(limits.Keep ?? 0).ToList();
        if (limits is { MaxAge: null, MaxSize: null })
            return free;
        var old = limits.MaxAge is { } age ? free.Where(checkpoint => DateTimeOffset.UtcNow - checkpoint.Used > age).ToHashSet() : [];
        if (limits.MaxSize is { } most)
        {
            var sizes = all.ToDictionary(checkpoint => checkpoint.Id, checkpoint => SizeOf(checkpoint) is var size ? size.Total - size.Shared : 0);
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
    }
}
