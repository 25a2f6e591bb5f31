namespace Stasis.Engine.Formats.Tar;

/// <summary>The type of an entry.</summary>
internal enum TarEntryType
{
    /// <summary>A regular file.</summary>
    File,
    /// <summary>A hard link: another name of the file of an earlier entry.</summary>
    Hardlink,
    /// <summary>A symbolic link.</summary>
    Symlink,
    /// <summary>A character device.</summary>
    CharacterDevice,
    /// <summary>A block device.</summary>
    BlockDevice,
    /// <summary>A folder.</summary>
    Directory,
    /// <summary>A FIFO.</summary>
    Fifo,
}
