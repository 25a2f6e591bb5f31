namespace Stasis.Engine.Vetting.Seccomp;

/// <summary>How many instructions are followed at most, of one filter and of all filters of a checkpoint: an archive decides how many ways lead through them. runc's filter needs a tenth of a million.</summary>
internal sealed class FilterStepBudget
{
    private const int OfOne = 1_000_000, OfAll = 8_000_000;

    private int _all = OfAll;
    private int _one;

    /// <summary>Another filter.</summary>
    public void Begin() => _one = Math.Min(OfOne, _all);

    /// <summary>Takes one step, which costs more if much is known; false if none is left.</summary>
    public bool Take(int known)
    {
        var cost = 1 + (known / 8);
        (_one, _all) = (_one - cost, _all - cost);
        return _one >= 0;
    }
}
