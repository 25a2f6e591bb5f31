namespace Stasis.Bench;

/// <summary>
/// What part of the peer's time each thing may take at most: what the project set itself. Of vetting, what part of the restore it is part
/// of.
/// </summary>
internal static class Targets
{
    private static readonly Dictionary<string, double> AtMost = new()
    {
        [SmallContainer.Restore] = 0.4,
        [SmallContainer.Checkpoint] = 0.5,
        [BigContainer.FirstCopy] = 0.25,
        [BigContainer.SecondCopy] = 0.06,
        [BigContainer.OwnArchive] = 0.08,
        [BigContainer.Loaded] = 0.5,
        [BigContainer.CheckpointZstd] = 0.5,
        [BigContainer.CheckpointPlain] = 0.55,
        [ManyCopies.What] = 0.1,
        [FrozenTime.What] = 1.1,
        [Vetting.Big] = 0.05,
        [PassThrough.What] = 1.1,
        [UnderDocker.BesidePodman] = 0.1,
        [FromRegistry.BesidePodman] = 0.25,
        [FromRegistry.PodBesidePodman] = 0.25,
        [UnderCri.BesidePodman] = 0.1,
    };

    public static double? Of(string what) => AtMost.TryGetValue(what, out var ratio) ? ratio : null;
}
