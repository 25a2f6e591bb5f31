using Stasis.Engine.Storage.Sqlite;

namespace Stasis.Engine.Storage;

/// <summary>
/// Verbs under way, so that what a killed process left can be put right. A row is written under the container's lock before anything is
/// touched, and taken away when all is done: a row whose container lock is free has no owner any more.
/// </summary>
internal sealed class OperationJournal(Database database)
{
    public void Begin(string containerId, string kind, string? data = null) => database.Execute(
        "INSERT INTO operations(container_id, kind, step, data, since) VALUES (?, ?, '', ?, ?)",
        containerId,
        kind,
        data,
        DateTimeOffset.UtcNow);

    /// <summary>Records how far it has come; <paramref name="data"/> replaces what was recorded, unless null.</summary>
    public void Step(string containerId, string step, string? data = null) => database.Execute(
        "UPDATE operations SET step = ?, data = coalesce(?, data) WHERE container_id = ?", step, data, containerId);

    public void End(string containerId, bool durable = false) => database.Transaction(
        () => database.Execute("DELETE FROM operations WHERE container_id = ?", containerId), durable);

    public PendingOperation? Find(string containerId) => Select("WHERE container_id = ?", containerId).SingleOrDefault();

    public List<PendingOperation> List() => Select("");

    private List<PendingOperation> Select(string where, params ReadOnlySpan<SqlValue> arguments) => database.Query(
        $"SELECT container_id, kind, step, data, since FROM operations {where}",
        row => new PendingOperation(row.Text(0), row.Text(1), row.Text(2), row.TextOrNull(3), row.Time(4)), arguments);
}
