using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Engine.Storage.Sqlite;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Volumes;

/// <summary>Named volumes: folders that outlive containers and may be shared by them.</summary>
public sealed partial class VolumeManager
{
    private static readonly Dictionary<string, string> NoLabels = [];
    private readonly StasisEngine _engine;

    internal VolumeManager(StasisEngine engine) => _engine = engine;

    /// <summary>Whether there is a volume of that name.</summary>
    public bool Exists(string name) => Database.Query("SELECT 1 FROM volumes WHERE name = ?", row => true, name) is [true];

    /// <summary>All volumes, sorted by name.</summary>
    public IReadOnlyList<Volume> List() => Select("ORDER BY name");

    /// <summary>By name, or by a unique beginning of one; null if there is none.</summary>
    /// <exception cref="StasisException">Several names begin so.</exception>
    public Volume? Find(string name)
    {
        if (Select("WHERE name = ?", name) is [var exact])
            return exact;
        return Select("WHERE ?1 <> '' AND substr(name, 1, length(?1)) = ?1 LIMIT 2", name) switch
        {
            [] => null,
            [var only] => only,
            _ => throw new StasisException($"more than one volume's name begins with \"{name}\"") { Remedy = "give more of it" },
        };
    }

    /// <summary>As <see cref="Find"/>.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public Volume Get(string name) => Find(name) ?? throw NotFound(name);

    /// <summary>Names of the containers that use it.</summary>
    public IReadOnlyList<string> UsersOf(string name) => _engine.ContainerStore.ByVolume(name);

    /// <summary>Makes the volume if it isn't there, and gives the host path of its content.</summary>
    /// <exception cref="StasisException">The name has characters that Podman doesn't allow either.</exception>
    public string Ensure(string name) => Ensure(name, anonymous: false);

    /// <summary>
    /// As <see cref="Ensure(string)"/>. An <paramref name="anonymous"/> one (an image asked for it, or a user without
    /// naming it) goes away with the last container that uses it; that a volume is one is decided when it is made.
    /// </summary>
    public string Ensure(string name, bool anonymous) => Ensure(name, anonymous, durable: true);

    /// <summary>
    /// As <see cref="Ensure(string, bool)"/>; not <paramref name="durable"/>, it gets to the disk with the container that needs it.
    /// </summary>
    internal string Ensure(string name, bool anonymous, bool durable)
    {
        Database.Transaction(() =>
        {
            if (!Exists(name))
                Make(name, anonymous, null);
            CreateFolder(_engine.Layout.Volume(name));
        }, durable);
        return _engine.Layout.Volume(name);
    }

    /// <summary>Makes a new volume, under a random name if it is given none. When this returns, it is on disk.</summary>
    /// <exception cref="InUseException">There is one of that name.</exception>
    /// <exception cref="StasisException">The name has characters that Podman doesn't allow either.</exception>
    public Volume Create(string? name = null, IReadOnlyDictionary<string, string>? labels = null, bool anonymous = false)
    {
        name ??= RandomHex.Digits(64);
        Database.Transaction(() =>
        {
            if (Exists(name))
                throw AlreadyThere(name);
            Make(name, anonymous, labels);
        }, durable: true);
        return Get(name);
    }

    internal static InUseException AlreadyThere(string name) =>
        new($"volume {name} already exists")
        {
            Remedy = Remedy.Create($"remove it ({new RemedyCall(RemedyCallKind.RemoveVolume, name)}), or choose another name"),
        };

    private static NotFoundException NotFound(string name) =>
        new($"no such volume: {name}") { Remedy = Remedy.Create($"{new RemedyCall(RemedyCallKind.ListVolumes)} lists them") };

    /// <summary>Removes the volume. When this returns, that is on disk.</summary>
    /// <exception cref="NotFoundException">There is none of that name.</exception>
    /// <exception cref="InUseException">A container uses it.</exception>
    public void Remove(string name)
    {
        using var room = RemovalReserve.Use(_engine.Layout);
        using var bin = StagingFolder.Create(_engine.Layout); // should this process die, the next command looks for the files
        // In one transaction, so that no container that uses it can appear between the look and the removal.
        Database.Transaction(() =>
        {
            if (!Exists(name))
                throw NotFound(name);
            if (_engine.ContainerStore.ByVolume(name) is [_, ..] users)
            {
                var containers = $"{(users.Count > 1 ? "containers" : "container")} {string.Join(", ", users)}";
                throw new InUseException($"volume {name} is being used by {containers}")
                {
                    Remedy = Remedy.Create($"remove them first: {new RemedyCall(RemedyCallKind.RemoveContainers, users)}"),
                };
            }
            Delete(name);
        }, durable: true);
        FaultPoint.Hit("volume.deleted");
        DiscardFiles(name, bin);
    }

    /// <summary>
    /// Deletes the rows of those of the volumes that no container uses any more, in the caller's transaction. Returns their names, for
    /// <see cref="DiscardFiles"/>.
    /// </summary>
    internal IReadOnlyList<string> DeleteUnused(IEnumerable<string> names, bool onlyAnonymous)
    {
        var unused = new List<string>();
        foreach (var name in names)
        {
            var anonymous = Database.Query("SELECT anonymous FROM volumes WHERE name = ?", row => row.Boolean(0), name);
            if (anonymous is not [var isAnonymous] || (onlyAnonymous && !isAnonymous) || _engine.ContainerStore.ByVolume(name) is not [])
                continue;
            Delete(name);
            unused.Add(name);
        }
        return unused;
    }

    /// <summary>
    /// Moves the files of a volume away whose row was deleted. They stay as long as they could be needed: until it is on disk that the
    /// volume is gone.
    /// </summary>
    internal void DiscardFiles(string name, StagingFolder bin) => Database.Transaction(() =>
    {
        var folder = Path.GetDirectoryName(_engine.Layout.Volume(name))!;
        if (!Exists(name) && Directory.Exists(folder)) // else there is a new one of that name
            Directory.Move(folder, bin.PathOf(name));
    });

    /// <summary>Removes files that a crash has left without their volume.</summary>
    internal void RemoveOrphans()
    {
        if (!Directory.Exists(_engine.Layout.Volumes))
            return;
        using var bin = StagingFolder.Create(_engine.Layout);
        foreach (var folder in Directory.EnumerateDirectories(_engine.Layout.Volumes).ToList())
            DiscardFiles(Path.GetFileName(folder), bin);
    }

    // A volume's own folder is a folder of its containers, whose users must be able to enter it; those above it are not.
    private static void CreateFolder(string path)
    {
        PrivateDirectory.Create(Path.GetDirectoryName(path)!);
        Directory.CreateDirectory(path);
    }

    // A folder without a row is what a crash between the two left: its content is nobody's.
    private void Make(string name, bool anonymous, IReadOnlyDictionary<string, string>? labels)
    {
        ObjectName.Require("volume", name);
        var path = _engine.Layout.Volume(name);
        FileTree.Remove(Path.GetDirectoryName(path)!);
        Database.OnRollback(() => FileTree.Remove(Path.GetDirectoryName(path)!));
        CreateFolder(path);
        Database.Execute(
            "INSERT INTO volumes(name, created, anonymous, labels) VALUES (?, ?, ?, ?)",
            name,
            DateTimeOffset.UtcNow,
            anonymous,
            SqlValue.Json(new Dictionary<string, string>(labels ?? NoLabels), EngineJson.Default.DictionaryStringString));
    }

    private void Delete(string name) => Database.Execute("DELETE FROM volumes WHERE name = ?", name);

    private List<Volume> Select(string where, params ReadOnlySpan<SqlValue> arguments) => Database.Query(
        $"SELECT name, created, anonymous, labels FROM volumes {where}", Read, arguments);

    private Volume Read(Row row) => new(
        row.Text(0),
        _engine.Layout.Volume(row.Text(0)),
        row.Time(1),
        row.Boolean(2),
        row.Json(3, EngineJson.Default.DictionaryStringString));

    private Database Database => _engine.Database;
}
