using System.Text.Json;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Storage.Sqlite;

namespace Stasis.Engine.Storage;

/// <summary>Containers' rows. Whoever changes one holds its lock; see LockedContainer.</summary>
internal sealed class ContainerStore(Database database)
{
    private const string Columns = "config, spec, state, layers, checkpoint, checkpoint_layer";

    /// <exception cref="InUseException">The name or the ID is taken.</exception>
    public void Insert(Container container)
    {
        try
        {
            database.Transaction(() => database.Execute(
                "INSERT INTO containers(id, name, image_id, checkpoint, checkpoint_layer, layers, config, spec, state) "
                + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                container.Id, container.Name, container.Config.RootfsImageId, container.Checkpoint, container.HasCheckpointLayer,
                SqlValue.Json([.. container.Layers], EngineJson.Default.StringArray),
                SqlValue.Json(container.Config, EngineJson.Default.ContainerConfig),
                SqlValue.Json(container.Spec, EngineJson.Default.OciSpec),
                SqlValue.Json(container.State, EngineJson.Default.ContainerState)));
        }
        catch (DatabaseException e) when (e.IsDuplicate)
        {
            RefuseTaken(container.Id, container.Name);
            throw; // it was taken, and has been given back meanwhile
        }
    }

    /// <summary>Requires that neither is taken; that they stay free only the insertion of the row can tell.</summary>
    /// <exception cref="InUseException">One is.</exception>
    public void RefuseTaken(string? id, string name)
    {
        if (id is not null && FindById(id) is { } same)
        {
            var remove = new RemedyCall(RemedyCallKind.RemoveContainers, same.Name);
            var option = new RemedyOption(RemedyOptionKind.Name, "NAME");
            throw new InUseException($"the container ID {same.Id[..12]} is already in use by the container \"{same.Name}\"")
            {
                Remedy = Remedy.Create($"remove that container ({remove}), or take a new name and with it a new ID ({option})"),
            };
        }
        if (Select("WHERE name = ?", name) is [var owner])
        {
            var remove = new RemedyCall(RemedyCallKind.RemoveContainers, name);
            var force = new RemedyOption(RemedyOptionKind.Force);
            throw new InUseException($"the container name \"{name}\" is already in use by container {owner.Id[..12]}")
            {
                Remedy = owner.State.IsAlive
                    ? Remedy.Create($"remove that container ({remove}, with {force}: it runs), or choose another name")
                    : Remedy.Create($"remove that container ({remove}), or choose another name"),
            };
        }
    }

    /// <summary>By ID, name or unique ID prefix, in this order; null if there is none.</summary>
    /// <exception cref="StasisException">Several IDs begin so.</exception>
    public Container? Find(string nameOrId)
    {
        if (Select("WHERE id = ?1 OR name = ?1 ORDER BY id = ?1 DESC LIMIT 1", nameOrId) is [var exact])
            return exact;
        if (nameOrId.Length is 0 or >= 64 || !nameOrId.All(char.IsAsciiHexDigitLower))
            return null;
        // 'g' follows the last hexadecimal digit: a range that the index serves.
        return Select("WHERE id > ?1 AND id < ?1 || 'g' LIMIT 2", nameOrId) switch
        {
            [] => null,
            [var only] => only,
            _ => throw new StasisException($"more than one container's ID begins with \"{nameOrId}\"")
            {
                Remedy = "give more of it, or the name",
            },
        };
    }

    /// <summary>Whether the ID of a container begins so.</summary>
    public bool HasIdBeginningWith(string prefix) =>
        database.Query("SELECT 1 FROM containers WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 1", row => true, prefix) is [true];

    public Container? FindById(string id) => Select("WHERE id = ?", id).SingleOrDefault();

    public bool IsNameTaken(string name) => database.Query("SELECT 1 FROM containers WHERE name = ?", row => true, name) is [true];

    /// <exception cref="NotFoundException">There is none.</exception>
    public Container Get(string nameOrId) => Find(nameOrId) ?? throw NotFound(nameOrId);

    public static NotFoundException NotFound(string nameOrId) =>
        new($"no such container: {nameOrId}") { Remedy = Remedy.Create($"{new RemedyCall(RemedyCallKind.ListContainers)} lists them") };

    /// <summary>
    /// All, oldest first, but for those that are only being made. One whose making failed, and couldn't be undone, is there: its name is
    /// taken, and somebody must be able to remove it.
    /// </summary>
    public List<Container> List() =>
        Select("WHERE id NOT IN (SELECT container_id FROM operations "
            + $"WHERE kind IN ('{OperationKind.Create}', '{OperationKind.RestoreNew}')) OR state ->> '$.Error' IS NOT NULL ORDER BY seq");

    public void Save(string id, ContainerState state, bool durable = false) => database.Transaction(() =>
        database.Execute(
            "UPDATE containers SET state = ? WHERE id = ?", SqlValue.Json(state, EngineJson.Default.ContainerState), id), durable);

    /// <summary>Replaces all that is recorded of it, ID and name excepted.</summary>
    public void Save(Container container, bool durable = false) => database.Transaction(() =>
        database.Execute("UPDATE containers SET layers = ?, config = ?, spec = ?, state = ? WHERE id = ?",
            SqlValue.Json([.. container.Layers], EngineJson.Default.StringArray),
            SqlValue.Json(container.Config, EngineJson.Default.ContainerConfig),
            SqlValue.Json(container.Spec, EngineJson.Default.OciSpec),
            SqlValue.Json(container.State, EngineJson.Default.ContainerState), container.Id), durable);

    /// <summary>Gives it another name; <paramref name="renamed"/> is the container with that name in its configuration.</summary>
    /// <exception cref="InUseException">The name is taken.</exception>
    public void Rename(Container renamed)
    {
        try
        {
            database.Transaction(() => database.Execute("UPDATE containers SET name = ?, config = ? WHERE id = ?",
                renamed.Name, SqlValue.Json(renamed.Config, EngineJson.Default.ContainerConfig), renamed.Id), durable: true);
        }
        catch (DatabaseException e) when (e.IsDuplicate)
        {
            RefuseTaken(null, renamed.Name);
            throw; // it was taken, and has been given back meanwhile
        }
    }

    public void Delete(string id) => database.Execute("DELETE FROM containers WHERE id = ?", id);

    /// <summary>Names of the containers that use the volume.</summary>
    public List<string> ByVolume(string volume) => database.Query(
        "SELECT name FROM containers "
        + "WHERE EXISTS (SELECT 1 FROM json_each(config, '$.namedVolumes') WHERE value ->> 'volumeName' = ?) ORDER BY seq",
        row => row.Text(0), volume);

    /// <summary>Names of the containers that are attached to the network.</summary>
    public List<string> ByNetwork(string network) => database.Query(
        "SELECT name FROM containers WHERE EXISTS (SELECT 1 FROM json_each(config, '$.newNetworks') WHERE key = ?) ORDER BY seq",
        row => row.Text(0), network);

    /// <summary>Names of the containers made from the image.</summary>
    public List<string> ByImage(string imageId) =>
        database.Query("SELECT name FROM containers WHERE image_id = ? ORDER BY seq", row => row.Text(0), imageId);

    /// <summary>Names of the containers that were made from the checkpoint in the store, or have it as theirs in place.</summary>
    public List<string> ByCheckpoint(string id, string? except = null) => database.Query(
        "SELECT name FROM containers WHERE (checkpoint = ?1 OR state ->> '$.CheckpointId' = ?1) AND id IS NOT ?2 ORDER BY seq",
        row => row.Text(0),
        id,
        except);

    /// <summary>Chain IDs of all layers that containers stand on.</summary>
    public HashSet<string> LayersInUse() =>
        [.. database.Query("SELECT DISTINCT value FROM containers, json_each(layers)", row => row.Text(0))];

    private List<Container> Select(string where, params ReadOnlySpan<SqlValue> arguments) =>
        database.Query($"SELECT {Columns} FROM containers {where}", Read, arguments);

    private static Container Read(Row row)
    {
        try
        {
            return new Container(
                row.Json(0, EngineJson.Default.ContainerConfig),
                row.Json(1, EngineJson.Default.OciSpec),
                row.Json(2, EngineJson.Default.ContainerState))
            {
                Layers = row.Json(3, EngineJson.Default.StringArray),
                Checkpoint = row.TextOrNull(4),
                HasCheckpointLayer = row.Boolean(5),
            };
        }
        catch (JsonException e)
        {
            throw new StasisException($"a container's row in the database can't be read: {e.Message}", e);
        }
    }
}
