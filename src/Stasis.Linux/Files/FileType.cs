using Stasis.Linux.Native;

namespace Stasis.Linux.Files;

/// <summary>File types, as in st_mode (S_IFMT).</summary>
public static class FileType
{
    /// <summary>S_IFCHR.</summary>
    public const uint CharacterDevice = Libc.S_IFCHR;
    /// <summary>S_IFBLK.</summary>
    public const uint BlockDevice = Libc.S_IFBLK;
    /// <summary>S_IFIFO.</summary>
    public const uint Fifo = Libc.S_IFIFO;
    /// <summary>S_IFSOCK.</summary>
    public const uint Socket = Libc.S_IFSOCK;
}
