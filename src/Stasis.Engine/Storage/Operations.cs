namespace Stasis.Engine.Storage;

/// <summary>What verbs may leave half-done: the <see cref="Operation.Kind"/>s.</summary>
internal static class OperationKind
{
    /// <summary>A container is being made: until it ends, the container doesn't exist for others.</summary>
    public const string Create = "create";
    public const string Start = "start";
    /// <summary>A pause or an unpause.</summary>
    public const string Pause = "pause";
    /// <summary>What a container that ended had mounted is being taken away.</summary>
    public const string Cleanup = "cleanup";
    public const string Remove = "remove";
    public const string Checkpoint = "checkpoint";
    /// <summary>A container is being restored in place.</summary>
    public const string Restore = "restore";
    /// <summary>A container is being made from an archive: until it ends, the container doesn't exist for others.</summary>
    public const string Import = "import";
}

/// <summary>A verb that began and hasn't ended.</summary>
/// <param name="Data">What its recovery needs to know, in the verb's own form.</param>
internal sealed record Operation(string ContainerId, string Kind, string Step, string? Data, DateTimeOffset Since);

/// <summary>
/// Verbs under way, so that what a killed process left can be put right. A row is written under the container's lock before anything is
/// touched, and taken away when all is done: a row whose container lock is free has no owner any more.
/// </summary>
internal sealed class Operations(Database database)
{
    public void Begin(string containerId, string kind, string? data = null) => database.Execute(
        "INSERT INTO operations(container_id, kind, step, data, since) VALUES (?, ?, '', ?, ?)", containerId, kind, data, DateTimeOffset.UtcNow);

    /// <summary>Records how far it has come; <paramref name="data"/> replaces what was recorded, unless null.</summary>
    public void Step(string containerId, string step, string? data = null) => database.Execute(
        "UPDATE operations SET step = ?, data = coalesce(?, data) WHERE container_id = ?", step, data, containerId);

    public void End(string containerId) => database.Execute("DELETE FROM operations WHERE container_id = ?", containerId);

    public Operation? Find(string containerId) => Select("WHERE container_id = ?", containerId).SingleOrDefault();

    public List<Operation> List() => Select("");

    private List<Operation> Select(string where, params ReadOnlySpan<SqlValue> arguments) => database.Query(
        $"SELECT container_id, kind, step, data, since FROM operations {where}",
        row => new Operation(row.Text(0), row.Text(1), row.Text(2), row.TextOrNull(3), row.Time(4)), arguments);
}
