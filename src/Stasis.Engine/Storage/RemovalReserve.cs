using Stasis.Linux.Files;

namespace Stasis.Engine.Storage;

/// <summary>
/// Room on the store's file system that is kept for removals: that something is gone has to be recorded, for which a
/// full disk has no room, and then nothing could be removed to make any.
/// </summary>
internal static class RemovalReserve
{
    // What the database's log comes to before it is written back; one removal takes a few pages of it.
    private const long Size = 1 << 20, Least = 1 << 16;

    /// <summary>Sets it aside, as much of it as there is room for.</summary>
    public static void Keep(Layout layout)
    {
        if (FileStatus.TryRead(layout.Reserve) is { } kept && (long)kept.Blocks * 512 >= Size)
            return;
        File.Delete(layout.Reserve);
        for (var size = Size; size >= Least && !TryMake(layout.Reserve, size); size /= 2)
        {
        }
    }

    /// <summary>For a removal, until this is disposed: on a full disk it gives way.</summary>
    public static IDisposable Use(Layout layout)
    {
        if (File.Exists(layout.Reserve) && new DriveInfo(layout.Root).AvailableFreeSpace < Size)
            File.Delete(layout.Reserve);
        return new Returning(layout);
    }

    private static bool TryMake(string path, long size)
    {
        try
        {
            new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                PreallocationSize = size,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }).Dispose();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return File.Exists(path); // by another process; else there is no room
        }
    }

    private sealed class Returning(Layout layout) : IDisposable
    {
        public void Dispose()
        {
            if (File.Exists(layout.Database))
                Keep(layout);
        }
    }
}
