using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>
/// A Landlock domain (landlock(7)) of a thread and all of its descendants. They can't signal a process outside of the domain, nor trace it,
/// nor follow its links in /proc (root, cwd, exe, fd). The domain can't be left.
/// </summary>
public static class LandlockScope
{
    // Scopes came with the sixth version, in Linux 6.12.
    private const int FirstVersion = 6;

    /// <summary>Whether the kernel has such domains.</summary>
    public static bool IsSupported => Libc.landlock_version() >= FirstVersion;

    /// <summary>Puts the calling thread into a new domain. It must have CAP_SYS_ADMIN.</summary>
    public static void EnterOnThread()
    {
        using var ruleset = Libc.landlock_create_ruleset(new Libc.LandlockRuleset { Scoped = Libc.LANDLOCK_SCOPE_SIGNAL });
        if (ruleset.IsInvalid)
            throw LinuxException.Last("landlock_create_ruleset");
        if (Libc.landlock_restrict_self(ruleset) != 0)
            throw LinuxException.Last("landlock_restrict_self");
    }
}
