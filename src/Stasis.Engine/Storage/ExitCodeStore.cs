using Stasis.Engine.Storage.Sqlite;

namespace Stasis.Engine.Storage;

/// <summary>Exit codes of containers that may be gone by the time somebody who waits for them looks (<c>--rm</c>).</summary>
internal sealed class ExitCodeStore(Database database)
{
    // Podman keeps them as long (libpod: boltdb/sqlite ContainerExitCode, 5 minutes).
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    public void Record(string containerId, int code) => database.Transaction(() =>
    {
        database.Execute("DELETE FROM exits WHERE at < ?", DateTimeOffset.UtcNow - Kept);
        database.Execute("INSERT OR REPLACE INTO exits(container_id, code, at) VALUES (?, ?, ?)", containerId, code, DateTimeOffset.UtcNow);
    });

    public int? Find(string containerId) =>
        database.Query(
            "SELECT code FROM exits WHERE container_id = ?", row => (int)row.Integer(0), containerId) is [var code] ? code : null;
}
