using Stasis.Engine.Archive;
using Stasis.Engine.Checkpoints.Dump;
using Stasis.Engine.Formats.Tar;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints;

/// <summary>
/// A checkpoint that isn't in one file: the entries of an archive, lying in a folder under their archive names. Dumps are made in one,
/// in-place checkpoints are kept in one, archives are unpacked into one.
/// </summary>
internal readonly record struct CheckpointFolder(string Path)
{
    public string Images => File(ArchiveFiles.Checkpoint);

    public string PreImages => File(ArchiveFiles.PreCheckpoint);

    public string ParentLink => File(ArchiveFiles.Parent);

    public string Inventory => File(ArchiveFiles.Inventory);

    public string ConfigDump => File(ArchiveFiles.ConfigDump);

    public string SpecDump => File(ArchiveFiles.SpecDump);

    public string RootfsDiff => File(ArchiveFiles.RootfsDiff);

    public string DeletedFiles => File(ArchiveFiles.DeletedFiles);

    public string DeletedNames => File(ArchiveFiles.DeletedNames);

    public string DevShm => File(ArchiveFiles.DevShm);

    public string Log => File(ArchiveFiles.Log);

    public string NetworkStatus => File(ArchiveFiles.NetworkStatus);

    public string DumpLog => File(ArchiveFiles.DumpLog);

    public string Volume(string name) => File(ArchiveFiles.Volume(name));

    /// <summary>Adds all that belongs into an archive: metadata first, memory pages last, so that a reader knows what it has before the bulk comes.</summary>
    public void AddTo(ArchiveWriter archive)
    {
        string[] files = [ArchiveFiles.ConfigDump, ArchiveFiles.SpecDump, ArchiveFiles.NetworkStatus, ArchiveFiles.StatsDump, ArchiveFiles.DeletedFiles, ArchiveFiles.DeletedNames, ArchiveFiles.Log, ArchiveFiles.DevShm, ArchiveFiles.RootfsDiff];
        foreach (var file in files)
        {
            if (System.IO.File.Exists(File(file)))
                archive.AddFile(file, File(file));
        }
        archive.AddFolder(ArchiveFiles.Volumes, File(ArchiveFiles.Volumes));
        archive.AddFolder(ArchiveFiles.Artifacts, File(ArchiveFiles.Artifacts));
        archive.AddFolder(ArchiveFiles.PreCheckpoint, PreImages, last: "pages-");
        archive.AddFolder(ArchiveFiles.Checkpoint, Images, last: "pages-");
        if (FileStatus.TryOf(ParentLink) is not null)
            archive.AddLink(ArchiveFiles.Parent, PreCheckpoint.Parent);
    }

    /// <summary>Unpacks one of its tars over what is in a folder. Devices are made: they were the container's.</summary>
    public static void ExtractTar(string tar, string directory, CancellationToken cancellation)
    {
        using var stream = new FileStream(tar, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using var reader = new TarReader(stream);
        using var root = RootedPath.Open(directory, throughLinks: false);
        TreeUntar.Extract(reader, root, new TreeUntarOptions { Devices = true }, cancellation);
    }

    private string File(string entry) => System.IO.Path.Combine(Path, entry);
}
