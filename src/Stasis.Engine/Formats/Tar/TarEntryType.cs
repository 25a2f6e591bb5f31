namespace Stasis.Engine.Formats.Tar;

/// <summary>What an entry is.</summary>
internal enum TarEntryType
{
    /// <summary>A regular file.</summary>
    File,
    /// <summary>Another name of a file that an entry before it has brought.</summary>
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
