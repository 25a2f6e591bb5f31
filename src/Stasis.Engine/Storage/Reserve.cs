namespace Stasis.Engine.Storage;

/// <summary>
/// Room on the store's file system that is kept for removals: that something is gone has to be recorded, for which a full disk has no room, and then nothing could be
/// removed to make any.
/// </summary>
internal static class Reserve
{
    // What the database's log comes to before it is written back.
    private const long Size = 1 << 20;

    /// <summary>Sets it aside, unless it is or there is no room.</summary>
    public static void Keep(Layout layout)
    {
        if (File.Exists(layout.Reserve))
            return;
        try
        {
            new FileStream(layout.Reserve, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, PreallocationSize = Size, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk is full still, or another process has just made it.
        }
    }

    /// <summary>For a removal, until this is disposed: on a full disk it gives way.</summary>
    public static IDisposable Use(Layout layout)
    {
        if (File.Exists(layout.Reserve) && new DriveInfo(layout.Root).AvailableFreeSpace < Size)
            File.Delete(layout.Reserve);
        return new Returning(layout);
    }

    private sealed class Returning(Layout layout) : IDisposable
    {
        public void Dispose() => Keep(layout);
    }
}
