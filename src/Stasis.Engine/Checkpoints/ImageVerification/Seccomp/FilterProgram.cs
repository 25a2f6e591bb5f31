using System.Buffers.Binary;

namespace Stasis.Engine.Checkpoints.ImageVerification.Seccomp;

/// <summary>
/// A filter in classic BPF, of the instructions that libseccomp and runc write: loads of the call's number, architecture and arguments, comparisons with constants, a mask, and returns. Jumps
/// lead forward, so that every way through it ends. For a given architecture and number, all ways are followed on which arguments may lead, with what they say about the arguments.
/// </summary>
internal sealed class FilterProgram
{
    private const int Longest = 4096; // BPF_MAXINSNS
    private const int MostSteps = 8_000_000; // of all calls together; runc's filter needs a tenth of a million
    private const ushort Load = 0x20, Jump = 0x05, Equal = 0x15, Greater = 0x25, GreaterOrEqual = 0x35, AnyBit = 0x45, And = 0x54, Return = 0x06;
    private const uint NumberOffset = 0, ArchitectureOffset = 4, ArgumentsOffset = 16, End = 64; // struct seccomp_data

    private readonly (ushort Code, byte IfTrue, byte IfFalse, uint Value)[] _code;
    private int _steps;

    private FilterProgram((ushort, byte, byte, uint)[] code) => _code = code;

    /// <summary>Reads a filter; null if it has instructions beyond those, or jumps out of itself.</summary>
    public static FilterProgram? Parse(ReadOnlySpan<byte> bytes)
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
        return new FilterProgram(code);
    }

    /// <summary>
    /// Follows every way that a call can take. <paramref name="end"/> is told the verdict and what is known of the twelve halves of the arguments, and says whether that may be. False if
    /// it isn't, or if there are too many ways to follow.
    /// </summary>
    public bool Follow(uint architecture, uint number, Func<Verdict, WordFacts?[], bool> end)
    {
        var open = new Stack<State>();
        open.Push(new State(0, 0, -1, uint.MaxValue, new WordFacts?[12]));
        while (open.TryPop(out var state))
        {
            for (var going = true; going;)
            {
                if (++_steps > MostSteps)
                    return false;
                var (code, _, _, value) = _code[state.At];
                switch (code)
                {
                    case Return:
                        if (!end(Verdicts.OfReturn(value), state.Facts))
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
                        going = Branch(ref state, open);
                        break;
                }
            }
        }
        return true;
    }

    private bool Branch(ref State state, Stack<State> open)
    {
        var (code, ifTrue, ifFalse, value) = _code[state.At];
        var (yes, no) = (state.At + 1 + ifTrue, state.At + 1 + ifFalse);
        if (state.Word < 0)
        {
            var holds = code switch { Equal => state.Value == value, Greater => state.Value > value, GreaterOrEqual => state.Value >= value, _ => (state.Value & value) != 0 };
            state = state with { At = holds ? yes : no };
            return true;
        }
        var other = state.Assume(code, value, holds: false, no);
        var first = state.Assume(code, value, holds: true, yes);
        if (first is null && other is null)
            return false;
        if (first is not null && other is not null)
            open.Push(other);
        state = (first ?? other)!;
        return true;
    }

    // Where it is, and what is in the accumulator: a number that is known (Word -1), or the half of an argument under a mask.
    private sealed record State(int At, uint Value, int Word, uint Mask, WordFacts?[] Facts)
    {
        public State Load(uint offset, uint architecture, uint number) => this with
        {
            At = At + 1,
            Mask = uint.MaxValue,
            Value = offset == ArchitectureOffset ? architecture : number,
            // What is neither is an argument, or the instruction pointer, of which nothing is ever known (Word 12 and above).
            Word = offset switch { NumberOffset or ArchitectureOffset => -1, >= ArgumentsOffset => (int)(offset - ArgumentsOffset) / 4, _ => 12 },
        };

        public State? Assume(ushort code, uint value, bool holds, int at)
        {
            if (Word >= 12)
                return this with { At = at };
            var facts = Facts[Word]?.Clone() ?? new WordFacts();
            var whole = Mask == uint.MaxValue;
            var possible = (code, holds) switch
            {
                (Equal, true) => facts.Be(Mask, value),
                (Equal, false) => facts.NotBe(Mask, value),
                (Greater, true) when whole => value < uint.MaxValue && facts.Between(value + 1, uint.MaxValue),
                (Greater, false) when whole => facts.Between(0, value),
                (GreaterOrEqual, true) when whole => facts.Between(value, uint.MaxValue),
                (GreaterOrEqual, false) when whole => value > 0 && facts.Between(0, value - 1),
                (AnyBit, false) => facts.Be(Mask & value, 0),
                (AnyBit, true) => facts.NotBe(Mask & value, 0),
                _ => true,
            };
            if (!possible)
                return null;
            var all = (WordFacts?[])Facts.Clone();
            all[Word] = facts;
            return this with { At = at, Facts = all };
        }
    }
}
