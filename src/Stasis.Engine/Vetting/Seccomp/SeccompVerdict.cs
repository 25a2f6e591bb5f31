namespace Stasis.Engine.Vetting.Seccomp;

/// <summary>A filter's decision about a call, strictest first (linux/seccomp.h; the order is the kernel's).</summary>
internal enum SeccompVerdict
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
    public static SeccompVerdict FromReturnValue(uint value) => (value & 0xffff0000) switch
    {
        0x00030000 => SeccompVerdict.Trap,
        0x00050000 => SeccompVerdict.Errno,
        0x7fc00000 => SeccompVerdict.Notify,
        0x7ff00000 => SeccompVerdict.Trace,
        0x7ffc0000 => SeccompVerdict.Log,
        0x7fff0000 => SeccompVerdict.Allow,
        _ => SeccompVerdict.Kill,
    };

    /// <summary>Reads an action in a spec; null if it is unknown.</summary>
    public static SeccompVerdict? FromAction(string action) => action switch
    {
        "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" or "SCMP_ACT_KILL_PROCESS" => SeccompVerdict.Kill,
        "SCMP_ACT_TRAP" => SeccompVerdict.Trap,
        "SCMP_ACT_ERRNO" => SeccompVerdict.Errno,
        "SCMP_ACT_NOTIFY" => SeccompVerdict.Notify,
        "SCMP_ACT_TRACE" => SeccompVerdict.Trace,
        "SCMP_ACT_LOG" => SeccompVerdict.Log,
        "SCMP_ACT_ALLOW" => SeccompVerdict.Allow,
        _ => null,
    };
}
