namespace Stasis.Engine.Vetting.Images;

/// <summary>The parts of st_mode, as images have it (inode(7)).</summary>
internal static class ModeBits
{
    public const uint TypeMask = 0xF000;
    public const uint Fifo = 0x1000, Character = 0x2000, Directory = 0x4000, Block = 0x6000;
    public const uint Regular = 0x8000, Link = 0xA000, Socket = 0xC000;
    public const uint SetUserId = 0x800, SetGroupId = 0x400;

    /// <summary>The type of file.</summary>
    public static uint TypeOf(uint mode) => mode & TypeMask;

    /// <summary>The name of the type of file, for messages.</summary>
    public static string Describe(uint mode) => TypeOf(mode) switch
    {
        Fifo => "a FIFO",
        Character => "a character device",
        Directory => "a directory",
        Block => "a block device",
        Regular => "a regular file",
        Link => "a symbolic link",
        Socket => "a socket",
        _ => "no known type of file",
    };
}
