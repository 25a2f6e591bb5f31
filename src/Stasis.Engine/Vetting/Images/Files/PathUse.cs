namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>What CRIU does with a path of the images.</summary>
internal enum PathUse
{
    /// <summary>Opens the file: it must be there, of its type, and the path leads through no symbolic link.</summary>
    Open,

    /// <summary>Creates a file that was deleted, as "NAME.cr.ID.ghost" or, a directory, under its own name.</summary>
    Ghost,

    /// <summary>Gives a file that was deleted its name back, as a hard link, and removes it again.</summary>
    Linked,

    /// <summary>Removes the socket that is there, and binds a new one.</summary>
    Socket,

    /// <summary>Creates a socket that was deleted, and the directories above it, and removes them again.</summary>
    DeletedSocket,

    /// <summary>Opens the file to watch it. The path may lead through symbolic links.</summary>
    Watch,

    /// <summary>Mounts a file system there. The runtime creates what is missing.</summary>
    MountPoint,

    /// <summary>Binds a part of a file system that is mounted elsewhere.</summary>
    MountRoot,
}
