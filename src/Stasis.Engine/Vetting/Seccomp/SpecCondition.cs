using System.Text.Json;
using Stasis.Engine.Vetting.Json;

namespace Stasis.Engine.Vetting.Seccomp;

/// <summary>A condition on an argument (runtime-spec: seccomp, args).</summary>
/// <param name="Argument">The argument, 0 to 5.</param>
/// <param name="Operator">The comparison, SCMP_CMP_….</param>
/// <param name="Value">The value that the argument is compared with, or the mask.</param>
/// <param name="Second">The value that the argument is compared with under a mask.</param>
/// <param name="Narrow">Whether only the argument's lower 32 bits are compared, as on 32-bit architectures.</param>
internal sealed record SpecCondition(int Argument, string Operator, ulong Value, ulong Second, bool Narrow)
{
    private static readonly AbstractValue Nothing = new();

    /// <summary>
    /// Parses the conditions of a rule. Runtimes take several conditions on one argument as alternatives;
    /// conditions on different arguments must all be met.
    /// </summary>
    public static SpecCondition[][] Parse(JsonElement? args)
    {
        if (args is not { ValueKind: JsonValueKind.Array } array || array.GetArrayLength() == 0)
            return [[]];
        SpecCondition[] all = [.. SpecJson.Objects(array).Select(Parse)];
        // A malformed condition is never met.
        if (all.Length != array.GetArrayLength())
            return [];
        return all.DistinctBy(condition => condition.Argument).Count() == all.Length
            ? [all]
            : [.. all.Select(condition => (SpecCondition[])[condition])];
    }

    /// <summary>Whether what is known of the arguments (two halves each, the lower first) is certain to meet the condition.</summary>
    public bool IsMet(AbstractValue?[] facts)
    {
        if (Argument is < 0 or > 5)
            return false;
        var (low, high) = (facts[2 * Argument] ?? Nothing, facts[(2 * Argument) + 1] ?? Nothing);
        var (lower, upper) = ((uint)Value, (uint)(Value >> 32));
        var sameUpper = Narrow || high.Is(uint.MaxValue, upper);
        return Operator switch
        {
            "SCMP_CMP_EQ" => sameUpper && low.Is(uint.MaxValue, lower),
            "SCMP_CMP_NE" => low.IsNot(lower) || (!Narrow && high.IsNot(upper)),
            "SCMP_CMP_MASKED_EQ" => low.Is(lower, (uint)Second & lower) && (Narrow || high.Is(upper, (uint)(Second >> 32) & upper)),
            "SCMP_CMP_GE" => (sameUpper && low.IsAtLeast(lower)) || (!Narrow && upper < uint.MaxValue && high.IsAtLeast(upper + 1)),
            "SCMP_CMP_GT" => (sameUpper && lower < uint.MaxValue && low.IsAtLeast(lower + 1))
                || (!Narrow && upper < uint.MaxValue && high.IsAtLeast(upper + 1)),
            "SCMP_CMP_LE" => (sameUpper && low.IsAtMost(lower)) || (!Narrow && upper > 0 && high.IsAtMost(upper - 1)),
            "SCMP_CMP_LT" => (sameUpper && lower > 0 && low.IsAtMost(lower - 1)) || (!Narrow && upper > 0 && high.IsAtMost(upper - 1)),
            _ => false,
        };
    }

    private static SpecCondition Parse(JsonElement element) => new(
        (int)Math.Min(SpecJson.Number(element, "index") ?? 6, 6),
        SpecJson.Text(element, "op") ?? "",
        SpecJson.Number(element, "value") ?? 0,
        SpecJson.Number(element, "valueTwo") ?? 0,
        false);
}
