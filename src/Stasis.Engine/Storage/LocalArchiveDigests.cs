using Stasis.Engine.Common;
using Stasis.Engine.Storage.Sqlite;
using Stasis.Linux.Files;

namespace Stasis.Engine.Storage;

/// <summary>
/// Digests of the archives that were written with this root. One that comes back with the digest it was written with
/// holds what this host's own container had; it is remembered for good, a line each.
/// </summary>
internal sealed class LocalArchiveDigests(Database database)
{
    /// <summary>Remembers one. Called before the archive has its name, so that none is forgotten.</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="length">Bytes of its file, where it is one.</param>
    public void Add(string digest, long? length = null) =>
        database.Execute(
            "INSERT OR IGNORE INTO own_archives(digest, written, length) VALUES (?, ?, ?)",
            digest,
            DateTimeOffset.UtcNow,
            length ?? default(SqlValue));

    /// <summary>Remembers which file one has become.</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="file">The file, which holds exactly it (<see cref="FileUnchangedCheck.IsUnchanged"/>).</param>
    public void Remember(string digest, in FileStatus file) => database.Execute(
        "UPDATE own_archives SET device = ?, inode = ?, modified = ?, changed = ?, boot = ? WHERE digest = ?",
        (long)file.ContainingDevice, (long)file.Inode, FileUnchangedCheck.Modified(file), FileUnchangedCheck.Changed(file),
            BootId.Id, digest);

    /// <summary>The digest of the one that is a file, which nobody has written to since; null if it isn't known to be one.</summary>
    public string? FindByFile(in FileStatus file) => database.Query(
        "SELECT digest FROM own_archives WHERE length = ? AND device = ? AND inode = ? AND modified = ? AND changed = ? AND boot = ?",
        row => row.Text(0),
        file.Size,
        (long)file.ContainingDevice,
        (long)file.Inode,
        FileUnchangedCheck.Modified(file),
        FileUnchangedCheck.Changed(file),
        BootId.Id).FirstOrDefault();

    /// <summary>Whether one that is so long was written here: others needn't be hashed to know that they weren't.</summary>
    public bool HasLength(long length) =>
        database.Query("SELECT 1 FROM own_archives WHERE length = ? LIMIT 1", row => row.Integer(0), length).Count > 0;

    /// <summary>Whether it was written here.</summary>
    public bool Contains(string digest) =>
        database.Query("SELECT 1 FROM own_archives WHERE digest = ?", row => row.Integer(0), digest).Count > 0;
}
