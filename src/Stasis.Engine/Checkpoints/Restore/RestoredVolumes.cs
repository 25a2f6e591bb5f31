using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Import;
using Stasis.Engine.Common;
using Stasis.Engine.Containers;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.Storage;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>The named volumes of a new container: their names on this host, and their content from the checkpoint.</summary>
internal sealed class RestoredVolumes
{
    private readonly StasisEngine _engine;
    private readonly RestoreOptions _options;
    private readonly List<(string Archived, NamedVolume Volume)> _volumes;
    private readonly List<NamedVolume> _made = [];

    private RestoredVolumes(StasisEngine engine, RestoreOptions options, List<(string, NamedVolume)> volumes) =>
        (_engine, _options, _volumes) = (engine, options, volumes);

    /// <summary>The container's volumes, under their names on this host.</summary>
    public IReadOnlyList<NamedVolume> Named => [.. _volumes.Select(entry => entry.Volume)];

    /// <summary>
    /// Works out the names, and requires that they are free, before anything is made. Making the volumes shows whether they still are.
    /// </summary>
    /// <exception cref="ArchiveException">A volume's name is invalid, or its content is missing.</exception>
    /// <exception cref="InUseException">A volume that would be made exists already.</exception>
    public static RestoredVolumes Plan(
        StasisEngine engine, DumpedContainer dump, RestoreOptions options, CheckpointEntryPaths checkpoint, string archive)
    {
        var archived = dump.Config.NamedVolumes ?? [];
        if (archived.FirstOrDefault(volume => !ObjectName.IsValid(volume.Name)) is { } invalid)
            throw new ArchiveException(archive, ArchiveEntryNames.ConfigDump, $"\"{invalid.Name}\" can't be a volume's name");
        var names = NewNames(archived, options, archive);
        if (!options.IgnoreVolumes)
        {
            foreach (var (old, name) in names)
            {
                if (engine.Volumes.Exists(name))
                    throw AlreadyThere(old, name, archive, dump.IsLocal);
                if (File.Exists(checkpoint.Volume(old)))
                    continue;
                const string Why = "it is missing: the checkpoint holds no content of this volume";
                throw new ArchiveException(archive, ArchiveEntryNames.Volume(old), Why)
                {
                    Remedy = dump.IsLocal
                        ? "restore with --ignore-volumes, which uses the volume of this host, or makes an empty one"
                        : "checkpoint the container again, with its volumes",
                };
            }
        }
        var renamed = archived.Select(volume => (volume.Name, volume with { Name = names[volume.Name] }));
        return new RestoredVolumes(engine, options, [.. renamed]);
    }

    /// <summary>Requires that no two copies would have the same new volume, and that none of these exists already.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="config">The original container's configuration.</param>
    /// <param name="copies">How each copy is restored.</param>
    /// <param name="title">What messages call the original, or its source.</param>
    /// <param name="isOwn">Whether the original is of this host.</param>
    /// <param name="keepGoing">Whether a volume that exists already is the failure of that copy alone.</param>
    /// <exception cref="StasisException">Two would, or one exists.</exception>
    public static void RequireApart(
        StasisEngine engine, ContainerConfig config, IReadOnlyList<RestoreOptions> copies, string title, bool isOwn, bool keepGoing)
    {
        var given = new Dictionary<string, string>();
        foreach (var copy in copies)
        {
            foreach (var (old, name) in NewNames(config.NamedVolumes ?? [], copy, title))
            {
                if (copy.IgnoreVolumes)
                    continue;
                if (!given.TryAdd(name, copy.Identity.Name!))
                    throw new StasisException($"the copies {given[name]} and {copy.Identity.Name} would both have the volume {name}")
                    {
                        Remedy = $"give each its own, with {{n}} for the copy's number or {{name}} for its name: "
                            + $"--volume {old}={old}-{{n}}",
                    };
                if (!keepGoing && engine.Volumes.Exists(name))
                    throw AlreadyThere(old, name, title, isOwn);
            }
        }
    }

    /// <summary>
    /// Makes the volumes and fills them with what the archive has. Each that is made is written down with the container's operation, in
    /// the same transaction, so that undoing it takes them away again. With <see cref="RestoreOptions.IgnoreVolumes"/> only those are
    /// made that aren't there.
    /// </summary>
    public void Create(LockedContainer locked, CheckpointEntryPaths checkpoint, CancellationToken cancellation)
    {
        foreach (var (archived, volume) in _volumes.DistinctBy(entry => entry.Volume.Name))
        {
            _engine.Database.Transaction(() =>
            {
                if (_options.IgnoreVolumes && _engine.Volumes.Exists(volume.Name))
                    return;
                _engine.Volumes.Create(volume.Name, labels: null, volume.IsAnonymous == true);
                _made.Add(volume);
                locked.Step("volumes", string.Join(' ', _made.Select(made => made.Name)));
            });
            FaultPoint.Hit("restore.volume");
            if (!_options.IgnoreVolumes)
                CheckpointEntryPaths.ExtractTar(checkpoint.Volume(archived), _engine.Layout.Volume(volume.Name), cancellation);
        }
    }

    /// <summary>
    /// Syncs what <see cref="Create"/> has put into the volumes: once the restore is recorded, nothing tells a volume that a crash of the
    /// machine has left incomplete from one that was so.
    /// </summary>
    public void Sync()
    {
        foreach (var volume in _made.Where(_ => !_options.IgnoreVolumes))
            FileSync.SyncTree(_engine.Layout.Volume(volume.Name));
    }

    /// <summary>
    /// A volume that was made without content begins with what the image has in its place. Called when the root file system is mounted,
    /// still as the image has it.
    /// </summary>
    public void Seed(ContainerLayout paths)
    {
        if (!_options.IgnoreVolumes)
            return;
        using var root = RootedPath.Open(paths.Merged);
        foreach (var volume in _made.Where(volume => volume.Options?.Contains("nocopy") != true))
            VolumeCopyUp.CopyUp(_engine.Layout, root, volume);
    }

    // An anonymous volume's name means nothing to anybody, and a copy of the container must not take the original's.
    private static Dictionary<string, string> NewNames(IReadOnlyList<NamedVolume> archived, RestoreOptions options, string archive)
    {
        var names = new Dictionary<string, string>();
        var isCopied = options is { Identity.Name: not null, IgnoreVolumes: false };
        foreach (var volume in archived)
            names[volume.Name] = isCopied && volume.IsAnonymous == true ? RandomHex.Digits(64) : volume.Name;
        foreach (var (old, name) in options.Volumes)
        {
            if (!names.ContainsKey(old))
                throw new StasisException($"{archive} has no volume {old}")
                {
                    Remedy = names.Count == 0 ? "leave out --volume" : $"it has {string.Join(", ", names.Keys)}",
                };
            ObjectName.Require("volume", name);
            names[old] = name;
        }
        return names.GroupBy(pair => pair.Value).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new StasisException($"the volumes {string.Join(" and ", twice.Select(pair => pair.Key))} would both be {twice.Key}")
            : names;
    }

    // --ignore-volumes lets the restored program use the host's volume. So it isn't suggested for foreign archives.
    private static InUseException AlreadyThere(string old, string name, string title, bool isOwn) =>
        new($"volume with name {name} already exists: {title}: the copy of volume {old} would be made as it")
        {
            Remedy = $"use {(isOwn ? "--ignore-volumes to take the volume as it is, or " : "")}--volume {old}=NEW to make the copy as a "
                + "new volume NEW, in which {n} is the number of one of several copies",
        };
}
