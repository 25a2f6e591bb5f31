using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Vetting.Seccomp;

namespace Stasis.Engine.RuntimeCommand.Seccomp;

/// <summary>The rules of a profile for one architecture, by the call's number, as libseccomp and runc understand them.</summary>
internal sealed class SeccompCalls
{
    // i386 has several calls in one (linux/net.h: SYS_…; linux/ipc.h), in the order of their numbers from the first on.
    private static readonly (uint Call, uint First, string[] Names)[] Multiplexed =
    [
        (102, 1,
        [
            "socket", "bind", "connect", "listen", "accept", "getsockname", "getpeername", "socketpair", "send", "recv", "sendto",
            "recvfrom", "shutdown", "setsockopt", "getsockopt", "sendmsg", "recvmsg", "accept4", "recvmmsg", "sendmmsg",
        ]),
        (117, 1, ["semop", "semget", "semctl", "semtimedop"]),
        (117, 11, ["msgsnd", "msgrcv", "msgget", "msgctl"]),
        (117, 21, ["shmat", "shmdt", "shmget", "shmctl"]),
    ];

    private readonly SortedDictionary<uint, List<SeccompCallRule>> _rules = [];

    /// <summary>The calls that the profile names, ascending, each with its rules.</summary>
    public IEnumerable<KeyValuePair<uint, List<SeccompCallRule>>> Rules => _rules;

    /// <summary>The highest number of a call that the profile names; null if it names none.</summary>
    public uint? Last { get; private set; }

    /// <summary>The calls of x86-64.</summary>
    public static SeccompCalls Wide64(OciSeccomp profile) => Read(profile, 0, isNarrow: false, SyscallTable.Wide64());

    /// <summary>The calls of i386. libseccomp compares the lower half of their arguments only.</summary>
    public static SeccompCalls Narrow32(OciSeccomp profile) =>
        Read(profile, 0, isNarrow: true, SyscallTable.Narrow32(), hasMultiplexed: true);

    /// <summary>The calls of x32, with its bit in their numbers.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="bit">The bit.</param>
    public static SeccompCalls X32(OciSeccomp profile, uint bit)
    {
        var calls = Read(profile, bit, isNarrow: true, SyscallTable.Wide64());
        calls.Add(profile, bit, isNarrow: true, SyscallTable.OnlyX32());
        return calls;
    }

    private static SeccompCalls Read(
        OciSeccomp profile, uint bit, bool isNarrow, Dictionary<string, uint> table, bool hasMultiplexed = false)
    {
        var calls = new SeccompCalls();
        calls.Add(profile, bit, isNarrow, table, hasMultiplexed);
        return calls;
    }

    private void Add(OciSeccomp profile, uint bit, bool isNarrow, Dictionary<string, uint> table, bool hasMultiplexed = false)
    {
        foreach (var rule in profile.Syscalls ?? [])
        {
            var action = SeccompAction.Parse(rule.Action, rule.ErrnoRet);
            var alternatives = SpecCondition.Parse(rule.Args);
            if (alternatives.Length == 0)
                throw new InvalidDataException("a rule has arguments that are no conditions");
            foreach (var name in rule.Names)
            {
                if (table.TryGetValue(name, out var number))
                {
                    foreach (var conditions in alternatives)
                        Add(number | bit, new SeccompCallRule([.. conditions.Select(one => one with { Narrow = isNarrow })], action));
                    Last = Math.Max(Last ?? 0, number | bit);
                }
                // The arguments are behind a pointer, where a filter can't read them.
                if (hasMultiplexed && alternatives is [[]] && FindMultiplexed(name) is { } inner)
                    Add(inner.Call, new SeccompCallRule([new SpecCondition(0, "SCMP_CMP_EQ", inner.Number, 0, Narrow: true)], action));
            }
        }
    }

    private static (uint Call, uint Number)? FindMultiplexed(string name)
    {
        foreach (var (call, first, names) in Multiplexed)
        {
            if (Array.IndexOf(names, name) is >= 0 and var index)
                return (call, first + (uint)index);
        }
        return null;
    }

    private void Add(uint number, SeccompCallRule rule)
    {
        if (rule.Conditions.Any(condition => condition.Argument > 5))
            throw new InvalidDataException("a rule has a condition on an argument that no call has");
        if (_rules.TryGetValue(number, out var rules))
            rules.Add(rule);
        else
            _rules.Add(number, [rule]);
    }
}
