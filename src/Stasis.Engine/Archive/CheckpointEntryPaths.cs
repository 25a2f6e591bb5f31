using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Linux.Files;

namespace Stasis.Engine.Archive;

/// <summary>
/// A checkpoint that isn't in one file: the entries of an archive, lying in a folder under their archive names. Dumps are made in one,
/// in-place checkpoints are kept in one, archives are unpacked into one.
/// </summary>
internal readonly record struct CheckpointEntryPaths(string Path)
{
    public string Images => File(ArchiveEntryNames.Checkpoint);

    public string PreImages => File(ArchiveEntryNames.PreCheckpoint);

    public string ParentLink => File(ArchiveEntryNames.Parent);

    public string Inventory => File(ArchiveEntryNames.Inventory);

    public string ConfigDump => File(ArchiveEntryNames.ConfigDump);

    public string SpecDump => File(ArchiveEntryNames.SpecDump);

    public string RootfsDiff => File(ArchiveEntryNames.RootfsDiff);

    public string DeletedFiles => File(ArchiveEntryNames.DeletedFiles);

    public string DeletedNames => File(ArchiveEntryNames.DeletedNames);

    public string EtcChanges => File(ArchiveEntryNames.EtcChanges);

    public string DevShm => File(ArchiveEntryNames.DevShm);

    public string Log => File(ArchiveEntryNames.Log);

    public string NetworkStatus => File(ArchiveEntryNames.NetworkStatus);

    public string DumpLog => File(ArchiveEntryNames.DumpLog);

    public string DumpStatistics => File(ArchiveEntryNames.StatsDump);

    public string Volumes => File(ArchiveEntryNames.Volumes);

    /// <summary>A volume's content. Its name is the archive's choice, and must not lead elsewhere.</summary>
    /// <exception cref="StasisException">It is no name of a volume.</exception>
    public string Volume(string name)
    {
        ObjectName.Require("volume", name);
        return File(ArchiveEntryNames.Volume(name));
    }

    /// <summary>
    /// Adds all that belongs into an archive: metadata first, memory pages last, so that a reader knows what it has before the bulk
    /// comes.
    /// </summary>
    public void AddTo(ArchiveWriter archive)
    {
        string[] files =
        [
            ArchiveEntryNames.ConfigDump,
            ArchiveEntryNames.SpecDump,
            ArchiveEntryNames.NetworkStatus,
            ArchiveEntryNames.StatsDump,
            ArchiveEntryNames.DeletedFiles,
            ArchiveEntryNames.DeletedNames,
            ArchiveEntryNames.EtcChanges,
            ArchiveEntryNames.Log,
            ArchiveEntryNames.DevShm,
            ArchiveEntryNames.RootfsDiff,
        ];
        foreach (var file in files)
        {
            if (System.IO.File.Exists(File(file)))
                archive.AddFile(file, File(file));
        }
        archive.AddFolder(ArchiveEntryNames.Volumes, File(ArchiveEntryNames.Volumes));
        archive.AddFolder(ArchiveEntryNames.Artifacts, File(ArchiveEntryNames.Artifacts));
        archive.AddFolder(ArchiveEntryNames.PreCheckpoint, PreImages, last: "pages-");
        archive.AddFolder(ArchiveEntryNames.Checkpoint, Images, last: "pages-");
        if (FileStatus.TryRead(ParentLink) is not null)
            archive.AddLink(ArchiveEntryNames.Parent, PreCheckpoint.Parent);
    }

    /// <summary>Unpacks one of its tars over what is in a folder. Devices are made: they were the container's.</summary>
    public static void ExtractTar(string tar, string directory, CancellationToken cancellation)
    {
        using var stream = new FileStream(tar, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        ExtractTar(stream, directory, cancellation);
    }

    /// <summary>As <see cref="ExtractTar(string, string, CancellationToken)"/>, of a tar that is read from a stream.</summary>
    /// <param name="tar">The tar.</param>
    /// <param name="directory">The folder.</param>
    /// <param name="cancellation">Leaves what was unpacked.</param>
    /// <param name="devices">Whether devices are made; otherwise one is an error.</param>
    public static void ExtractTar(Stream tar, string directory, CancellationToken cancellation, bool devices = true)
    {
        using var reader = new TarReader(tar);
        using var root = RootedPath.Open(directory, throughLinks: false);
        TarExtractor.Extract(reader, root, new TarExtractorOptions { Devices = devices }, cancellation);
    }

    private string File(string entry) => System.IO.Path.Combine(Path, entry);
}
