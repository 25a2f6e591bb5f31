namespace Stasis.EndToEndTests.Attacks;

/// <summary>What kind of thing of an archive an attack changes. The attacks of a kind are one test.</summary>
public enum AttackKind
{
    /// <summary>Mounts that CRIU makes from its mount image.</summary>
    Mounts,
    /// <summary>Flags, sources and file systems of existing mounts.</summary>
    MountFlags,
    /// <summary>Deleted files, which CRIU makes and removes.</summary>
    Ghosts,
    /// <summary>Files below /proc that a task has open.</summary>
    ProcFiles,
    /// <summary>CRIU's cgroup image.</summary>
    Cgroups,
    /// <summary>Archives that take much time or memory to examine.</summary>
    Bombs,
    /// <summary>Values of config.dump, annotations and the log.</summary>
    ConfigValues,
}
