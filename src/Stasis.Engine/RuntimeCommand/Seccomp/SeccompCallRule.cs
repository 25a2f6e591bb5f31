using Stasis.Engine.Vetting.Seccomp;

namespace Stasis.Engine.RuntimeCommand.Seccomp;

/// <summary>A rule of a profile for one call: an action, and the conditions on the call's arguments that must all be met.</summary>
/// <param name="Conditions">The conditions; none if the action is for all.</param>
/// <param name="Action">The filter's return value (SECCOMP_RET_…).</param>
internal sealed record SeccompCallRule(IReadOnlyList<SpecCondition> Conditions, uint Action)
{
    // struct seccomp_data: the arguments, of 64 bits each, the lower half first.
    private const int Arguments = 16, ArgumentSize = 8, Half = 4, HalfBits = 32;

    /// <summary>The instructions that test the rule, before those that run if a condition isn't met.</summary>
    public List<BpfInstruction> Compile(IReadOnlyList<BpfInstruction> otherwise)
    {
        List<BpfInstruction> code = [BpfInstruction.Return(Action)];
        foreach (var condition in Conditions.Reverse())
            code.InsertRange(0, Test(condition, code.Count));
        code.AddRange(otherwise);
        return code;
    }

    // The instructions of a condition go on behind themselves if it is met, and skip so many more if it isn't.
    private static BpfInstruction[] Test(SpecCondition condition, int unmet)
    {
        var (value, second) = (condition.Value, condition.Second);
        return condition.Operator switch
        {
            "SCMP_CMP_EQ" => Equal(condition, value, 0, unmet),
            "SCMP_CMP_NE" => Equal(condition, value, unmet, 0),
            "SCMP_CMP_MASKED_EQ" => MaskedEqual(condition, value, second & value, unmet),
            "SCMP_CMP_GT" => Compare(condition, BpfInstruction.Greater, 0, unmet),
            "SCMP_CMP_GE" => Compare(condition, BpfInstruction.GreaterOrEqual, 0, unmet),
            "SCMP_CMP_LE" => Compare(condition, BpfInstruction.Greater, unmet, 0),
            "SCMP_CMP_LT" => Compare(condition, BpfInstruction.GreaterOrEqual, unmet, 0),
            var other => throw new InvalidDataException($"\"{other}\" is no comparison"),
        };
    }

    private static BpfInstruction[] Equal(SpecCondition condition, ulong value, int yes, int no)
    {
        var low = BpfInstruction.Equal((uint)value, yes, no);
        return condition.Narrow
            ? [LoadLow(condition), low]
            : [LoadHigh(condition), BpfInstruction.Equal((uint)(value >> HalfBits), 0, no + 2), LoadLow(condition), low];
    }

    private static BpfInstruction[] MaskedEqual(SpecCondition condition, ulong mask, ulong value, int no)
    {
        BpfInstruction[] low = [LoadLow(condition), BpfInstruction.And((uint)mask), BpfInstruction.Equal((uint)value, 0, no)];
        if (condition.Narrow || mask >> HalfBits == 0)
            return low;
        var high = BpfInstruction.Equal((uint)(value >> HalfBits), 0, no + low.Length);
        return [LoadHigh(condition), BpfInstruction.And((uint)(mask >> HalfBits)), high, .. low];
    }

    private static BpfInstruction[] Compare(SpecCondition condition, Func<uint, int, int, BpfInstruction> compare, int yes, int no)
    {
        var (lower, upper) = ((uint)condition.Value, (uint)(condition.Value >> HalfBits));
        BpfInstruction[] low = [LoadLow(condition), compare(lower, yes, no)];
        if (condition.Narrow)
            return low;
        return
        [
            LoadHigh(condition),
            BpfInstruction.Greater(upper, low.Length + 1 + yes, 0),
            BpfInstruction.Equal(upper, 0, low.Length + no),
            .. low,
        ];
    }

    private static BpfInstruction LoadLow(SpecCondition condition) =>
        BpfInstruction.Load((uint)(Arguments + (condition.Argument * ArgumentSize)));

    private static BpfInstruction LoadHigh(SpecCondition condition) =>
        BpfInstruction.Load((uint)(Arguments + (condition.Argument * ArgumentSize) + Half));
}
