using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.RuntimeCommand.Seccomp;

/// <summary>
/// Compiles a spec's seccomp profile into a filter, as libseccomp and runc do when they create a container. Where rules overlap, the
/// strictest counts. A call's number is found by bisection.
/// </summary>
internal static class SeccompCompiler
{
    private const uint X64 = 0xC000003E, X86 = 0x40000003, X32Bit = 0x40000000; // AUDIT_ARCH_…, __X32_SYSCALL_BIT
    private const uint Number = 0, Architecture = 4; // offsets in struct seccomp_data
    private const uint NotImplemented = 38; // ENOSYS
    private const int MaxInstructions = 4096; // BPF_MAXINSNS
    private const int FurthestComparison = byte.MaxValue;

    /// <summary>Compiles a profile.</summary>
    /// <param name="profile">The profile.</param>
    /// <returns>The filter's instructions, as CRIU's images hold them.</returns>
    /// <exception cref="InvalidDataException">It can't be compiled. The message says why.</exception>
    public static byte[] Compile(OciSeccomp profile)
    {
        var fallback = SeccompAction.Parse(profile.DefaultAction, profile.DefaultErrnoRet);
        var architectures = profile.Architectures ?? [];
        List<BpfInstruction> code =
            [BpfInstruction.Load(Architecture), .. CompileArchitecture(X64, CreateWideRanges(profile, architectures, fallback))];
        if (architectures.Contains("SCMP_ARCH_X86"))
            code.AddRange(CompileArchitecture(X86, CreateRanges(SeccompCalls.Narrow32(profile), 0, fallback)));
        code.Add(BpfInstruction.Return(SeccompAction.KillThread));
        return code.Count <= MaxInstructions
            ? BpfInstruction.Encode(code)
            : throw new InvalidDataException($"it has more than {MaxInstructions} instructions");
    }

    // Numbers from one on, up to the next range's, that have the same code.
    private sealed record CallRange(uint First, IReadOnlyList<BpfInstruction> Code)
    {
        public bool HasCodeOf(CallRange other) => Code.SequenceEqual(other.Code);
    }

    // Calls of x32 have numbers of x86-64, with a bit. Without that architecture, runtimes kill for them.
    private static List<CallRange> CreateWideRanges(OciSeccomp profile, IReadOnlyList<string> architectures, uint fallback)
    {
        var ranges = CreateRanges(SeccompCalls.Wide64(profile), 0, fallback);
        if (architectures.Contains("SCMP_ARCH_X32"))
            ranges.AddRange(CreateRanges(SeccompCalls.X32(profile, X32Bit), X32Bit, fallback));
        else
            ranges.Add(new CallRange(X32Bit, [BpfInstruction.Return(SeccompAction.KillThread)]));
        return ranges;
    }

    private static List<CallRange> CreateRanges(SeccompCalls calls, uint first, uint fallback)
    {
        List<CallRange> ranges = [];
        var next = first;
        foreach (var (number, rules) in calls.Rules)
        {
            if (number > next)
                Add(new CallRange(next, [BpfInstruction.Return(fallback)]));
            Add(new CallRange(number, CompileCall(rules, fallback)));
            next = number + 1;
        }
        // As runc: a call that the profile is too old to know is missing, not forbidden. Programs then do without.
        var unknown = SeccompAction.IsError(fallback) ? SeccompAction.ReturnError(NotImplemented) : fallback;
        Add(new CallRange(next, [BpfInstruction.Return(unknown)]));
        return ranges;

        void Add(CallRange range)
        {
            if (ranges.Count == 0 || !ranges[^1].HasCodeOf(range))
                ranges.Add(range);
        }
    }

    private static List<BpfInstruction> CompileCall(List<SeccompCallRule> rules, uint fallback)
    {
        var forAll = rules.Where(rule => rule.Conditions.Count == 0).Select(rule => rule.Action).ToList();
        var last = forAll.Count > 0 ? forAll.Aggregate((left, right) => SeccompAction.Compare(left, right) <= 0 ? left : right) : fallback;
        List<BpfInstruction> code = [BpfInstruction.Return(last)];
        var others = rules.Where(rule => rule.Conditions.Count > 0)
            .Where(rule => forAll.Count == 0 || SeccompAction.Compare(rule.Action, last) < 0);
        var strictestLast = Comparer<SeccompCallRule>.Create((left, right) => SeccompAction.Compare(right.Action, left.Action));
        foreach (var rule in others.Order(strictestLast))
            code = rule.Compile(code);
        return code;
    }

    // The architecture is in the accumulator, and stays there for the next one.
    private static IEnumerable<BpfInstruction> CompileArchitecture(uint architecture, List<CallRange> ranges)
    {
        List<BpfInstruction> code = [BpfInstruction.Load(Number), .. CompileTree(ranges, 0, ranges.Count)];
        return [BpfInstruction.Equal(architecture, 1, 0), BpfInstruction.Skip(code.Count), .. code];
    }

    private static List<BpfInstruction> CompileTree(List<CallRange> ranges, int from, int to)
    {
        if (to - from == 1)
            return [.. ranges[from].Code];
        var middle = from + ((to - from) / 2);
        var (lower, upper) = (CompileTree(ranges, from, middle), CompileTree(ranges, middle, to));
        var pivot = ranges[middle].First;
        return lower.Count <= FurthestComparison
            ? [BpfInstruction.GreaterOrEqual(pivot, lower.Count, 0), .. lower, .. upper]
            : [BpfInstruction.GreaterOrEqual(pivot, 0, 1), BpfInstruction.Skip(lower.Count), .. lower, .. upper];
    }
}
