using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// Unpacks the content of a checkpoint's volume into a folder that is empty, or that a killed process has left half filled. Which folders
/// those are is recorded in Stasis's own root: containers can write to the folder itself. No file is removed that the content doesn't name.
/// </summary>
/// <param name="tar">The content.</param>
/// <param name="folder">The folder, by its real path.</param>
/// <param name="layout">Stasis's paths.</param>
/// <param name="mayGivePrivileges">
/// Whether files may be setuid or have capabilities: the container could make such files itself.
/// </param>
internal sealed class VolumeFiller(string tar, string folder, Layout layout, bool mayGivePrivileges)
{
    // What mkfs makes in every file system.
    private const string LostAndFound = "lost+found";

    private readonly FileIdentity _identity = FileIdentity.Read(folder);

    private string Mark => layout.UnfinishedVolume(_identity);

    /// <summary>Whether the folder has files that aren't the beginning of this content.</summary>
    public bool IsInUse()
    {
        var entries = Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)!)
            .Where(name => name != LostAndFound).ToHashSet(StringComparer.Ordinal);
        return entries.Count > 0 && (!File.Exists(Mark) || !entries.IsSubsetOf(ListContent()));
    }

    /// <summary>Fills the folder.</summary>
    /// <param name="cancellation">If cancelled, the next call begins anew.</param>
    /// <exception cref="StasisException">Another restore fills it, or it has other files by now.</exception>
    /// <exception cref="IOException">It can't be written to.</exception>
    public void Fill(CancellationToken cancellation)
    {
        using var held = FileLock.TryAcquire(layout.VolumeLock(_identity))
            ?? throw new StasisException($"folder {folder} is being filled with a volume's content by another restore");
        // Who can rename what is above the folder must not lead this process elsewhere.
        using var root = RootedPath.Open(folder, throughLinks: false);
        if (root.ReadIdentity() != _identity || IsInUse())
            throw new StasisException($"folder {folder} was to be filled with a volume's content, and isn't empty any more");
        PrivateDirectory.Create(Path.GetDirectoryName(Mark)!, durable: true);
        AtomicFile.Write(Mark, [], durable: true);
        using (var content = File.OpenRead(tar))
        using (var reader = new TarReader(content))
            TarExtractor.Extract(reader, root, mayGivePrivileges ? new TarExtractorOptions() : Unprivileged, cancellation);
        FaultPoint.Hit("bundle.volume");
        FileSync.SyncTree(folder);
        File.Delete(Mark);
        held.Remove();
    }

    private static TarExtractorOptions Unprivileged => new()
    {
        ModeMask = 0x3FF, // 01777
        TakesXattr = name => TarPackerOptions.IsPortable(name) && !name.StartsWith("security.", StringComparison.Ordinal),
    };

    // The names of files and folders at its top.
    private HashSet<string> ListContent()
    {
        using var content = File.OpenRead(tar);
        using var reader = new TarReader(content);
        HashSet<string> names = new(StringComparer.Ordinal);
        while (reader.Next() is { } entry)
            names.Add(entry.NameText.Split('/', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(part => part != ".") ?? "");
        return names;
    }
}
