namespace Stasis.Engine.RuntimeCommand.Seccomp;

/// <summary>The actions of a profile as return values of a filter (linux/seccomp.h: SECCOMP_RET_…).</summary>
internal static class SeccompAction
{
    public const uint KillThread = 0;

    private const uint KillProcess = 0x80000000, Trap = 0x00030000, Error = 0x00050000, Trace = 0x7ff00000, Log = 0x7ffc0000;
    private const uint Allow = 0x7fff0000, Data = 0xffff;
    private const uint NotPermitted = 1; // EPERM, which runc returns where a profile says nothing

    /// <summary>Whether calls are refused with an error number.</summary>
    public static bool IsError(uint action) => (action & ~Data) == Error;

    /// <summary>The action that returns an error number.</summary>
    public static uint ReturnError(uint number) => Error | (number & Data);

    /// <summary>The action of a name (runtime-spec: seccomp).</summary>
    /// <param name="name">SCMP_ACT_….</param>
    /// <param name="number">The number that it returns; null for the runtime's choice.</param>
    /// <exception cref="InvalidDataException">There is none, or it needs a listener.</exception>
    public static uint Parse(string name, uint? number) => name switch
    {
        "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" => KillThread,
        "SCMP_ACT_KILL_PROCESS" => KillProcess,
        "SCMP_ACT_TRAP" => Trap,
        "SCMP_ACT_ERRNO" => ReturnError(number ?? NotPermitted),
        "SCMP_ACT_TRACE" => Trace | ((number ?? NotPermitted) & Data),
        "SCMP_ACT_LOG" => Log,
        "SCMP_ACT_ALLOW" => Allow,
        _ => throw new InvalidDataException($"the action {name} can't be restored"),
    };

    // In the kernel's order, the strictest first: the values are signed.
    /// <summary>Compares two actions: less than zero if the first is stricter.</summary>
    public static int Compare(uint left, uint right) => ((int)(left & ~Data)).CompareTo((int)(right & ~Data));
}
