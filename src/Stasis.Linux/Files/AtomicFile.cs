namespace Stasis.Linux.Files;

/// <summary>Replaces files atomically.</summary>
public static class AtomicFile
{
    /// <summary>Replaces a file atomically: if the process dies, the file has its old content or the new one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">The new content.</param>
    /// <param name="mode">Permission bits.</param>
    /// <param name="durable">Whether file and folder are synced: then the same holds after a crash of the machine.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, int mode = 0x180 /* 0600 */, bool durable = true)
    {
        using var file = PendingFile.Create(path, mode);
        RandomAccess.Write(file.Handle, content, 0);
        file.Commit(durable);
    }
}
