namespace Stasis.Engine.Vetting.Seccomp;

/// <summary>
/// Limits how many instructions are followed in one filter and in all filters of a checkpoint: an archive
/// decides how many paths lead through them. runc's filter needs a tenth of a million.
/// </summary>
internal sealed class FilterStepBudget
{
    private const int StepsOfOne = 1_000_000, StepsOfAll = 8_000_000;

    private int _all = StepsOfAll;
    private int _one;

    /// <summary>Starts another filter.</summary>
    public void Begin() => _one = Math.Min(StepsOfOne, _all);

    /// <summary>Takes one step, which costs more the more is known. Returns false if no step is left.</summary>
    public bool Take(int known)
    {
        var cost = 1 + (known / 8);
        (_one, _all) = (_one - cost, _all - cost);
        return _one >= 0;
    }
}
