namespace Stasis.Linux.Files;

/// <summary>Files that are replaced whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Replaces <paramref name="path"/>: after a crash it has the old content or the new, whole. <paramref name="durable"/>: fsync file and folder.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, int mode = 0x180 /* 0600 */, bool durable = true)
    {
        using var file = PendingFile.Create(path, mode);
        RandomAccess.Write(file.Handle, content, 0);
        file.Commit(durable);
    }
}
