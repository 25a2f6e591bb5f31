namespace Stasis.Linux.Mounts;

/// <summary>Attributes that take away from a mount (mount_setattr(2)).</summary>
[Flags]
public enum MountRestrictions
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>MOUNT_ATTR_RDONLY.</summary>
    ReadOnly = 1,
    /// <summary>MOUNT_ATTR_NOSUID.</summary>
    NoSuid = 2,
    /// <summary>MOUNT_ATTR_NODEV.</summary>
    NoDev = 4,
    /// <summary>MOUNT_ATTR_NOEXEC.</summary>
    NoExec = 8,
}
