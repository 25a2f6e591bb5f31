using System.Buffers.Binary;

namespace Stasis.Engine.Vetting.Seccomp;

/// <summary>
/// A filter in classic BPF, with the instructions that libseccomp and runc write: loads of the call's number,
/// architecture and arguments, comparisons with constants, a mask, and returns. Jumps lead forward, so that
/// every path ends. For an architecture and a number, all possible paths are followed, and what each says
/// about the arguments is tracked.
/// </summary>
internal sealed class FilterProgram
{
    private const int Longest = 4096; // BPF_MAXINSNS
    private const ushort Load =
        0x20, Jump = 0x05, Equal = 0x15, Greater = 0x25, GreaterOrEqual = 0x35, AnyBit = 0x45, And = 0x54, Return = 0x06;
    private const uint NumberOffset = 0, ArchitectureOffset = 4, ArgumentsOffset = 16, End = 64; // struct seccomp_data

    private static readonly AbstractValue?[] Nothing = new AbstractValue?[12];

    private readonly (ushort Code, byte IfTrue, byte IfFalse, uint Value)[] _code;
    private readonly FilterStepBudget _budget;

    private FilterProgram((ushort, byte, byte, uint)[] code, FilterStepBudget budget) => (_code, _budget) = (code, budget);

    /// <summary>Parses a filter. Returns null if it has other instructions, or jumps beyond its end.</summary>
    /// <param name="bytes">The filter's instructions.</param>
    /// <param name="budget">How many steps may be followed, shared by all filters of a checkpoint.</param>
    public static FilterProgram? Parse(ReadOnlySpan<byte> bytes, FilterStepBudget budget)
    {
        if (bytes.Length is 0 || bytes.Length % 8 != 0 || bytes.Length / 8 > Longest)
            return null;
        var code = new (ushort Code, byte IfTrue, byte IfFalse, uint Value)[bytes.Length / 8];
        for (var i = 0; i < code.Length; i++)
        {
            var one = bytes.Slice(i * 8, 8);
            code[i] = (BinaryPrimitives.ReadUInt16LittleEndian(one), one[2], one[3], BinaryPrimitives.ReadUInt32LittleEndian(one[4..]));
            var furthest = code[i].Code switch
            {
                Load when code[i].Value % 4 == 0 && code[i].Value < End => 0u,
                And => 0u,
                Jump => code[i].Value,
                Equal or Greater or GreaterOrEqual or AnyBit => Math.Max(code[i].IfTrue, code[i].IfFalse),
                Return => 0u,
                _ => uint.MaxValue,
            };
            if (code[i].Code != Return && furthest >= code.Length - 1 - i)
                return null;
        }
        return new FilterProgram(code, budget);
    }

    /// <summary>
    /// Follows every path that calls of an architecture can take: all calls together as long as only numbers
    /// decide, and each by itself once an argument does.
    /// </summary>
    /// <param name="architecture">The calls' architecture (AUDIT_ARCH_…).</param>
    /// <param name="numbers">The calls' numbers, ascending.</param>
    /// <param name="end">
    /// Called at the end of each path with the call's number, the verdict and what is known of the twelve
    /// halves of the arguments. Returns whether that is acceptable.
    /// </param>
    /// <returns>The first call that isn't acceptable or has too many paths to follow; null if there is none.</returns>
    public uint? Follow(uint architecture, uint[] numbers, Func<uint, SeccompVerdict, AbstractValue?[], bool> end)
    {
        _budget.Begin();
        // The calls that reach each instruction with the architecture in the accumulator (false), or with their number (true).
        var reaching = new Dictionary<(int At, bool Number), SyscallSet>();
        var all = new SyscallSet(numbers.Length);
        for (var i = 0; i < numbers.Length; i++)
            all.Add(i);
        reaching.Add((0, false), all);
        for (var at = 0; at < _code.Length; at++)
        {
            if ((Arrive(at, number: false) ?? Arrive(at, number: true)) is { } bad)
                return bad;
        }
        return null;

        uint? Arrive(int at, bool number) =>
            reaching.Remove((at, number), out var calls) && !calls.IsEmpty ? Step(at, number, calls) : null;

        uint? Step(int at, bool number, SyscallSet calls)
        {
            var (code, ifTrue, ifFalse, value) = _code[at];
            switch (code)
            {
                case Load when value is NumberOffset or ArchitectureOffset:
                    Go(at + 1, value == NumberOffset, calls);
                    return null;
                case Jump:
                    Go(at + 1 + (int)value, number, calls);
                    return null;
                case Equal when number:
                    var place = Array.BinarySearch(numbers, value);
                    if (place >= 0 && calls.Remove(place)
                        && !FollowOne(new State(at + 1 + ifTrue, value, -1, uint.MaxValue, Nothing), architecture, value, end))
                        return value;
                    Go(at + 1 + ifFalse, true, calls);
                    return null;
                case Greater or GreaterOrEqual when number:
                    var least = Array.BinarySearch(numbers, value);
                    var (less, more) = calls.Split(least < 0 ? ~least : code == Greater ? least + 1 : least);
                    Go(at + 1 + ifTrue, true, more);
                    Go(at + 1 + ifFalse, true, less);
                    return null;
                case Equal or Greater or GreaterOrEqual or AnyBit:
                    var (yes, no) = (new SyscallSet(numbers.Length), new SyscallSet(numbers.Length));
                    foreach (var index in calls.Indexes())
                        (Holds(code, number ? numbers[index] : architecture, value) ? yes : no).Add(index);
                    Go(at + 1 + ifTrue, number, yes);
                    Go(at + 1 + ifFalse, number, no);
                    return null;
                default:
                    foreach (var index in calls.Indexes())
                    {
                        var start = new State(at, number ? numbers[index] : architecture, -1, uint.MaxValue, Nothing);
                        if (!FollowOne(start, architecture, numbers[index], end))
                            return numbers[index];
                    }
                    return null;
            }
        }

        void Go(int at, bool number, SyscallSet calls)
        {
            if (reaching.TryGetValue((at, number), out var others))
                others.AddAll(calls);
            else
                reaching.Add((at, number), calls);
        }
    }

    private bool FollowOne(State state, uint architecture, uint number, Func<uint, SeccompVerdict, AbstractValue?[], bool> end)
    {
        var open = default(Stack<State>); // most calls have one path only
        for (var more = true; more; more = open?.TryPop(out state) == true)
        {
            for (var going = true; going;)
            {
                if (!_budget.Take(state.Known))
                    return false;
                var (code, _, _, value) = _code[state.At];
                switch (code)
                {
                    case Return:
                        if (!end(number, Verdicts.FromReturnValue(value), state.Facts))
                            return false;
                        going = false;
                        break;
                    case Load:
                        state = state.Load(value, architecture, number);
                        break;
                    case And:
                        state = state with { At = state.At + 1, Value = state.Value & value, Mask = state.Mask & value };
                        break;
                    case Jump:
                        state = state with { At = state.At + 1 + (int)value };
                        break;
                    default:
                        going = Branch(ref state, ref open);
                        break;
                }
            }
        }
        return true;
    }

    private static bool Holds(ushort code, uint left, uint right) =>
        code switch { Equal => left == right, Greater => left > right, GreaterOrEqual => left >= right, _ => (left & right) != 0 };

    private bool Branch(ref State state, ref Stack<State>? open)
    {
        var (code, ifTrue, ifFalse, value) = _code[state.At];
        var (yes, no) = (state.At + 1 + ifTrue, state.At + 1 + ifFalse);
        if (state.Word < 0)
        {
            state = state with { At = Holds(code, state.Value, value) ? yes : no };
            return true;
        }
        var other = state.Assume(code, value, holds: false, no);
        var first = state.Assume(code, value, holds: true, yes);
        if (first is null && other is null)
            return false;
        if (first is not null && other is { } later)
            (open ??= []).Push(later);
        state = (first ?? other)!.Value;
        return true;
    }

    // The place in the program and the accumulator's content: a known number (Word -1), or half of an argument under a mask.
    private readonly record struct State(int At, uint Value, int Word, uint Mask, AbstractValue?[] Facts)
    {
        // How much would be copied to record one more fact.
        public int Known => Word is >= 0 and < 12 ? Facts[Word]?.Excluded ?? 0 : 0;

        public State Load(uint offset, uint architecture, uint number) => this with
        {
            At = At + 1,
            Mask = uint.MaxValue,
            Value = offset == ArchitectureOffset ? architecture : number,
            // The rest is an argument, or the instruction pointer, of which nothing is ever known (Word 12 and above).
            Word = offset switch
            {
                NumberOffset or ArchitectureOffset => -1,
                >= ArgumentsOffset => (int)(offset - ArgumentsOffset) / 4,
                _ => 12,
            },
        };

        public State? Assume(ushort code, uint value, bool holds, int at)
        {
            if (Word >= 12)
                return this with { At = at };
            var facts = Facts[Word]?.Clone() ?? new AbstractValue();
            var whole = Mask == uint.MaxValue;
            var possible = (code, holds) switch
            {
                (Equal, true) => facts.AssumeEqual(Mask, value),
                (Equal, false) => facts.AssumeNotEqual(Mask, value),
                (Greater, true) when whole => value < uint.MaxValue && facts.AssumeBetween(value + 1, uint.MaxValue),
                (Greater, false) when whole => facts.AssumeBetween(0, value),
                (GreaterOrEqual, true) when whole => facts.AssumeBetween(value, uint.MaxValue),
                (GreaterOrEqual, false) when whole => value > 0 && facts.AssumeBetween(0, value - 1),
                (AnyBit, false) => facts.AssumeEqual(Mask & value, 0),
                (AnyBit, true) => facts.AssumeNotEqual(Mask & value, 0),
                _ => true,
            };
            if (!possible)
                return null;
            var all = (AbstractValue?[])Facts.Clone();
            all[Word] = facts;
            return this with { At = at, Facts = all };
        }
    }
}
