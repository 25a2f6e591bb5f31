using System.Text;
using System.Text.Json;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Images.Layers;
using Stasis.Engine.Storage.Sqlite;

namespace Stasis.Engine.Images;

/// <summary>Images' rows.</summary>
internal sealed class ImageRows(Database database)
{
    private const string Select =
        """
        SELECT id, manifest_digest, layers, config,
            (SELECT json_group_array(name) FROM (
                SELECT name FROM image_names WHERE image_id = images.id AND name NOT LIKE '%@%' ORDER BY name)),
            (SELECT coalesce(sum(size), 0) FROM json_each(images.layers) JOIN layers ON chain_id = value), coalesce(annotations, '{}')
        FROM images
        """;

    /// <summary>
    /// Records an image whose layers are in place; one that is known already gets the names. <paramref name="retag"/>:
    /// takes names from other images.
    /// </summary>
    public Image Insert(
        byte[] config,
        string? manifestDigest,
        IReadOnlyDictionary<string, string>? annotations,
        IEnumerable<string> layers,
        IEnumerable<string> names,
        bool retag)
    {
        var id = Digests.Hex(Digests.Compute(config));
        database.Transaction(() =>
        {
            database.Execute(
                """
                INSERT INTO images(id, manifest_digest, annotations, layers, config) VALUES (?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET
                manifest_digest = coalesce(excluded.manifest_digest, manifest_digest),
                annotations = coalesce(excluded.annotations, annotations)
                """,
                id,
                manifestDigest,
                annotations is null ? null
                    : SqlValue.Json(new Dictionary<string, string>(annotations), EngineJson.Default.DictionaryStringString),
                SqlValue.Json([.. layers], EngineJson.Default.StringArray), Encoding.UTF8.GetString(config));
            foreach (var name in names)
                database.Execute($"INSERT OR {(retag ? "REPLACE" : "IGNORE")} INTO image_names(name, image_id) VALUES (?, ?)", name, id);
        }, durable: true);
        return FindById(id)!;
    }

    /// <summary>Records layers that are about to be put in place.</summary>
    public void Insert(IEnumerable<UnpackedLayer> layers) => database.Transaction(() =>
    {
        foreach (var layer in layers)
            database.Execute(
                "INSERT OR REPLACE INTO layers(chain_id, diff_id, size) VALUES (?, ?, ?)", layer.ChainId, layer.DiffId, layer.Size);
    });

    public List<Image> List() => Query("");

    public Image? FindById(string id) => Query("WHERE id = ?", id).SingleOrDefault();

    /// <summary>An image's configuration, byte for byte.</summary>
    public byte[] Config(string id) =>
        database.Query("SELECT config FROM images WHERE id = ?", row => Encoding.UTF8.GetBytes(row.Text(0)), id).Single();

    public Image? FindByName(string name) => Query("WHERE id = (SELECT image_id FROM image_names WHERE name = ?)", name).SingleOrDefault();

    /// <summary>A name that ends in /<paramref name="end"/>, on whatever registry.</summary>
    public string? FindName(string end) =>
        database.Query(
            "SELECT name FROM image_names WHERE substr(name, -length(?1)) = ?1 ORDER BY name LIMIT 1", row => row.Text(0), "/" + end)
            .SingleOrDefault();

    public Image? FindByDigest(string manifestDigest) =>
        Query("WHERE manifest_digest = ? ORDER BY id LIMIT 1", manifestDigest).SingleOrDefault();

    /// <summary>Up to two whose IDs begin so. 'g' follows the last hexadecimal digit: a range that the index serves.</summary>
    public List<Image> FindByPrefix(string prefix) => Query("WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2", prefix);

    /// <summary>Bytes of layers, those that aren't known being none.</summary>
    public long SizeOf(IReadOnlyList<string> chainIds) => database.Query(
        "SELECT coalesce(sum(size), 0) FROM layers WHERE chain_id IN (SELECT value FROM json_each(?))",
        row => row.Integer(0), SqlValue.Json([.. chainIds], EngineJson.Default.StringArray)).Single();

    public void AddName(string id, string name) =>
        database.Execute("INSERT OR REPLACE INTO image_names(name, image_id) VALUES (?, ?)", name, id);

    public void RemoveName(string name) => database.Execute("DELETE FROM image_names WHERE name = ?", name);

    public void Remove(string id)
    {
        database.Execute("DELETE FROM image_names WHERE image_id = ?", id);
        database.Execute("DELETE FROM images WHERE id = ?", id);
    }

    /// <summary>Chain IDs of all layers that images are made of.</summary>
    public HashSet<string> LayersInUse() => [.. database.Query("SELECT DISTINCT value FROM images, json_each(layers)", row => row.Text(0))];

    public void RemoveLayer(string chainId) => database.Execute("DELETE FROM layers WHERE chain_id = ?", chainId);

    private List<Image> Query(string where, params ReadOnlySpan<SqlValue> arguments) =>
        database.Query($"{Select} {where}", Read, arguments);

    private static Image Read(Row row)
    {
        var id = row.Text(0);
        try
        {
            var config = row.Json(3, ImagesJson.Default.OciImageJson);
            return new Image
            {
                Id = id,
                ManifestDigest = row.TextOrNull(1),
                Layers = row.Json(2, EngineJson.Default.StringArray),
                Names = row.Json(4, EngineJson.Default.StringArray),
                Size = row.Integer(5),
                Annotations = row.Json(6, EngineJson.Default.DictionaryStringString),
                Created = config.Created,
                Config = (config.Config ?? new OciExecution()).ToConfig(),
                Raw = row.Json(3, ImagesJson.Default.JsonElement),
            };
        }
        catch (JsonException e)
        {
            throw new StasisException($"image {id}: its row in the database can't be read: {e.Message}", e);
        }
    }
}
