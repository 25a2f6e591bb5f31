namespace Stasis.Engine.Storage;

/// <summary>
/// Digests of the archives that were written with this root. One that comes back with the digest it was written with holds what this host's own container had; it is remembered for good, a line each.
/// </summary>
internal sealed class OwnArchives(Database database)
{
    /// <summary>Remembers one. Called before the archive has its name, so that none is forgotten.</summary>
    public void Add(string digest) =>
        database.Execute("INSERT OR IGNORE INTO own_archives(digest, written) VALUES (?, ?)", digest, DateTimeOffset.UtcNow);

    /// <summary>Whether it was written here.</summary>
    public bool Contains(string digest) => database.Query("SELECT 1 FROM own_archives WHERE digest = ?", row => row.Integer(0), digest).Count > 0;
}
