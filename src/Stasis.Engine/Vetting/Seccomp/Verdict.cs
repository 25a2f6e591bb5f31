namespace Stasis.Engine.Vetting.Seccomp;

/// <summary>A filter's decision about a call, strictest first (linux/seccomp.h; the order is the kernel's).</summary>
internal enum Verdict
{
    Kill,
    Trap,
    Errno,
    Notify,
    Trace,
    Log,
    Allow,
}

/// <summary>Reads verdicts.</summary>
internal static class Verdicts
{
    /// <summary>Reads a filter's return value. The kernel kills the process for values that it doesn't know.</summary>
    public static Verdict FromReturnValue(uint value) => (value & 0xffff0000) switch
    {
        0x00030000 => Verdict.Trap,
        0x00050000 => Verdict.Errno,
        0x7fc00000 => Verdict.Notify,
        0x7ff00000 => Verdict.Trace,
        0x7ffc0000 => Verdict.Log,
        0x7fff0000 => Verdict.Allow,
        _ => Verdict.Kill,
    };

    /// <summary>Reads an action in a spec; null if it is unknown.</summary>
    public static Verdict? FromAction(string action) => action switch
    {
        "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" or "SCMP_ACT_KILL_PROCESS" => Verdict.Kill,
        "SCMP_ACT_TRAP" => Verdict.Trap,
        "SCMP_ACT_ERRNO" => Verdict.Errno,
        "SCMP_ACT_NOTIFY" => Verdict.Notify,
        "SCMP_ACT_TRACE" => Verdict.Trace,
        "SCMP_ACT_LOG" => Verdict.Log,
        "SCMP_ACT_ALLOW" => Verdict.Allow,
        _ => null,
    };
}
