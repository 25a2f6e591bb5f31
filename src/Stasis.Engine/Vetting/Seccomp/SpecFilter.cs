using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Vetting.Seccomp;

/// <summary>The seccomp rules of a spec, by architecture and call: the weakest filter that libseccomp compiles from them.</summary>
internal sealed class SpecFilter
{
    private const uint X64 = 0xC000003E, X86 = 0x40000003, X32Bit = 0x40000000; // AUDIT_ARCH_…, __X32_SYSCALL_BIT
    private const uint SocketCall = 102, IpcCall = 117; // of i386, which has several calls in each

    private readonly SeccompVerdict _default;
    private readonly Dictionary<(uint Architecture, uint Number), List<(SpecCondition[] Conditions, SeccompVerdict Verdict)>> _rules =
        new(2048);
    private readonly bool _knowsMore;

    private SpecFilter(OciSeccomp spec, SeccompVerdict otherwise)
    {
        _default = otherwise;
        string[] architectures = [.. spec.Architectures ?? []];
        var (wide, onlyX32, narrow) = (SyscallTable.Wide64(), SyscallTable.OnlyX32(), SyscallTable.Narrow32());
        foreach (var rule in spec.Syscalls ?? [])
        {
            if (Verdicts.FromAction(rule.Action) is not { } verdict)
                continue;
            var alternatives = SpecCondition.Parse(rule.Args);
            // On i386 and x32, libseccomp compares the lower half only.
            SpecCondition[][] narrowed =
                [.. alternatives.Select(conditions => conditions.Select(condition => condition with { Narrow = true }).ToArray())];
            foreach (var name in rule.Names)
            {
                _knowsMore |= !wide.ContainsKey(name) && !narrow.ContainsKey(name) && verdict > _default;
                Add(X64, 0, wide, name, alternatives, verdict);
                if (architectures.Contains("SCMP_ARCH_X32"))
                {
                    Add(X64, X32Bit, wide, name, narrowed, verdict);
                    Add(X64, X32Bit, onlyX32, name, narrowed, verdict);
                }
                if (architectures.Contains("SCMP_ARCH_X86"))
                    Add(X86, 0, narrow, name, narrowed, verdict);
            }
        }
    }

    /// <summary>Reads the spec's filter. Returns null if it allows everything, or has an unknown default action.</summary>
    public static SpecFilter? FromSpec(OciSeccomp? spec) =>
        spec is null || Verdicts.FromAction(spec.DefaultAction) is not { } otherwise
            || (otherwise == SeccompVerdict.Allow && spec.Syscalls is not { Count: > 0 }) ? null : new SpecFilter(spec, otherwise);

    /// <summary>Finds the first call that a filter allows more freely than the spec; null if there is none.</summary>
    public string? FindWeaker(FilterProgram filter)
    {
        foreach (var (architecture, numbers) in Calls)
        {
            var found = default(SeccompVerdict?);
            if (filter.Follow(
                architecture,
                numbers,
                (number, verdict, facts) => MayBe(architecture, number, verdict, facts) || (found = verdict) is null) is { } call)
                return $"{Name(architecture, call)} {found?.ToString() ?? "with too many conditions to follow"}";
        }
        return null;
    }

    // All numbers that are or may become calls; some beyond all; other bits of the number; and architectures that the machine doesn't have.
    private static readonly (uint Architecture, uint[] Numbers)[] Calls = [(X64, [.. Numbers(0)
        .Concat(Numbers(X32Bit))
        .Concat(Strange)
        .Order()]), (X86, [.. Numbers(0), .. Strange]), (0xC00000B7, [0, 56]), (0, [0])];

    private static uint[] Strange => [1000, 0x3fffffff, 0x7fffffff, 0x80000000, uint.MaxValue];

    private static IEnumerable<uint> Numbers(uint bit) => Enumerable.Range(0, 600).Select(number => (uint)number | bit);

    private bool MayBe(uint architecture, uint number, SeccompVerdict verdict, AbstractValue?[] facts)
    {
        if (verdict <= _default)
            return true;
        var call = number & ~X32Bit;
        if (_knowsMore && call >= SyscallTable.Unknown && call < 1000)
            return true; // the spec allows calls that are newer than the table
        // Thousands of paths end here: no delegates.
        foreach (var (conditions, allowed) in _rules.GetValueOrDefault((architecture, number)) ?? [])
        {
            if (verdict <= allowed && AreMet(conditions, facts))
                return true;
        }
        return false;
    }

    private static bool AreMet(SpecCondition[] conditions, AbstractValue?[] facts)
    {
        foreach (var condition in conditions)
        {
            if (!condition.IsMet(facts))
                return false;
        }
        return true;
    }

    private void Add(
        uint architecture,
        uint bit,
        Dictionary<string, uint> table,
        string name,
        SpecCondition[][] alternatives,
        SeccompVerdict verdict)
    {
        if (table.TryGetValue(name, out var number))
        {
            foreach (var conditions in alternatives)
                Rule(architecture, number | bit, conditions, verdict);
        }
        // libseccomp also adds the multiplexed call, with a condition on the call's number in it.
        if (architecture == X86 && Multiplexer(name) is { } multiplexed)
            Rule(architecture, multiplexed, [], verdict);

        static uint? Multiplexer(string call) => call switch
        {
            "socket" or "bind" or "connect" or "listen" or "accept" or "accept4" or "getsockname" or "getpeername"
                or "socketpair" or "send" or "recv" or "sendto" or "recvfrom" or "shutdown"
                or "setsockopt" or "getsockopt" or "sendmsg" or "recvmsg" or "recvmmsg" or "sendmmsg" => SocketCall,
            "semop" or "semget" or "semctl" or "semtimedop" or "msgsnd" or "msgrcv" or "msgget" or "msgctl" or "shmat"
                or "shmdt" or "shmget" or "shmctl" => IpcCall,
            _ => null,
        };
    }

    private void Rule(uint architecture, uint number, SpecCondition[] conditions, SeccompVerdict verdict)
    {
        // Most calls have one rule; an archive decides how many a call has at most.
        if (_rules.TryGetValue((architecture, number), out var rules))
            rules.Add((conditions, verdict));
        else
            _rules.Add((architecture, number), new(1) { (conditions, verdict) });
    }

    private string Name(uint architecture, uint number)
    {
        IEnumerable<KeyValuePair<string, uint>> table =
            architecture == X86 ? SyscallTable.Narrow32() : SyscallTable.Wide64().Concat(SyscallTable.OnlyX32());
        var name = table.FirstOrDefault(entry => entry.Value == (number & ~X32Bit)).Key ?? $"call {number}";
        return architecture == X86
            ? $"{name} (i386)"
            : (number & X32Bit) != 0 ? $"{name} (x32)"
            : architecture == X64 ? name
            : $"{name} (architecture {architecture:x})";
    }
}
