using System.Text.RegularExpressions;
using Stasis.Engine.Containers;
using Stasis.Linux;

namespace Stasis.Engine.Storage;

/// <summary>Named volumes: folders that outlive containers and may be shared by them.</summary>
public sealed partial class VolumeManager
{
    private readonly StasisEngine _engine;

    internal VolumeManager(StasisEngine engine) => _engine = engine;

    /// <summary>Whether there is a volume of that name.</summary>
    public bool Exists(string name) => Database.Query("SELECT 1 FROM volumes WHERE name = ?", row => true, name) is [true];

    /// <summary>Names of all volumes, sorted.</summary>
    public IReadOnlyList<string> List() => Database.Query("SELECT name FROM volumes ORDER BY name", row => row.Text(0));

    /// <summary>Makes the volume if it isn't there, and gives the host path of its content.</summary>
    /// <exception cref="StasisException">The name has characters that Podman doesn't allow either.</exception>
    public string Ensure(string name) => Ensure(name, anonymous: false);

    /// <summary>
    /// As <see cref="Ensure(string)"/>. An <paramref name="anonymous"/> one (an image asked for it, or a user without naming it) goes away with the last
    /// container that uses it; that a volume is one is decided when it is made.
    /// </summary>
    public string Ensure(string name, bool anonymous)
    {
        if (!ValidName().IsMatch(name))
            throw new StasisException($"volume name \"{name}\": names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*");
        var path = _engine.Layout.Volume(name);
        Database.Transaction(() =>
        {
            Database.Execute("INSERT OR IGNORE INTO volumes(name, created, anonymous) VALUES (?, ?, ?)", name, DateTimeOffset.UtcNow, anonymous);
            Directory.CreateDirectory(path);
        });
        return path;
    }

    /// <summary>Makes a new volume, and gives the host path of its content.</summary>
    /// <exception cref="InUseException">There is one of that name.</exception>
    public string Create(string name)
    {
        var path = "";
        Database.Transaction(() => path = Exists(name) ? throw AlreadyThere(name) : Ensure(name));
        return path;
    }

    internal static InUseException AlreadyThere(string name) =>
        new($"volume with name {name} already exists: volume already exists") { Remedy = $"remove it (stasis volume rm {name}), or choose another name" };

    /// <summary>Removes the volume.</summary>
    /// <exception cref="NotFoundException">There is none of that name.</exception>
    /// <exception cref="InUseException">A container uses it.</exception>
    public void Remove(string name)
    {
        // In one transaction, so that no container that uses it can appear between the look and the removal.
        Database.Transaction(() =>
        {
            if (!Exists(name))
                throw new NotFoundException($"no volume with name \"{name}\" found: no such volume");
            if (_engine.ContainerStore.ByVolume(name) is [_, ..] users)
                throw new InUseException($"volume {name} is being used by the following container(s): {string.Join(", ", users)}: volume is being used")
                {
                    Remedy = $"remove them first: stasis rm {string.Join(' ', users)}",
                };
            Drop(name);
        });
    }

    /// <summary>Removes those of the volumes that are anonymous and that no container uses any more.</summary>
    internal void RemoveUnused(IEnumerable<NamedVolume> volumes)
    {
        foreach (var volume in volumes)
        {
            Database.Transaction(() =>
            {
                var anonymous = Database.Query("SELECT anonymous FROM volumes WHERE name = ?", row => row.Boolean(0), volume.Name) is [true];
                if (anonymous && _engine.ContainerStore.ByVolume(volume.Name) is [])
                    Drop(volume.Name);
            });
        }
    }

    private void Drop(string name)
    {
        FileTree.Remove(Path.GetDirectoryName(_engine.Layout.Volume(name))!);
        Database.Execute("DELETE FROM volumes WHERE name = ?", name);
    }

    private Database Database => _engine.Database;

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9_.-]*\z")]
    private static partial Regex ValidName();
}
