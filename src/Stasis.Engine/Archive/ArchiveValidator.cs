using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Linux.Cryptography;
using Stasis.Linux.Files;

namespace Stasis.Engine.Archive;

/// <summary>
/// Validates the contents of unpacked entries before they are used, so that a tar that leads out of its
/// folder is refused before anything is created.
/// </summary>
/// <param name="archive">The archive's name in messages.</param>
/// <param name="folder">The folder that the archive was unpacked to.</param>
/// <param name="limits">How much the archive may ask for.</param>
/// <param name="budget">Counts the entries of tars; null if any number is accepted.</param>
internal sealed class ArchiveValidator(string archive, string folder, ArchiveLimits limits, EntryBudget? budget = null)
{
    private static readonly string[] Tars = [ArchiveEntryNames.RootfsDiff, ArchiveEntryNames.DevShm];
    private static readonly string[] Jsons =
        [ArchiveEntryNames.ConfigDump, ArchiveEntryNames.SpecDump, ArchiveEntryNames.NetworkStatus, ArchiveEntryNames.EtcChanges];

    /// <summary>Checks all entries. Device nodes are left to the import policy.</summary>
    /// <exception cref="ArchiveException">An entry is damaged, or leads out of its folder.</exception>
    public void Check(CancellationToken cancellation)
    {
        using var root = RootedPath.Open(folder);
        foreach (var entry in Jsons.Where(entry => root.Stat(entry) is not null))
            StrictJsonReader.Check(archive, entry, ReadAll(root, entry), limits);
        if (root.Stat(ArchiveEntryNames.EtcChanges) is not null)
            CheckEtcChanges(ReadAll(root, ArchiveEntryNames.EtcChanges));
        if (root.Stat(ArchiveEntryNames.DeletedFiles) is not null)
            CheckDeleted(ReadAll(root, ArchiveEntryNames.DeletedFiles));
        foreach (var entry in Tars.Where(entry => root.Stat(entry) is not null))
            CheckTar(root, entry, cancellation);
        if (root.Stat(ArchiveEntryNames.Volumes) is not null)
        {
            using var volumes = root.OpenFolder(ArchiveEntryNames.Volumes);
            foreach (var name in volumes.Names())
                CheckTar(root, $"{ArchiveEntryNames.Volumes}/{Encoding.UTF8.GetString(name)}", cancellation);
        }
    }

    private byte[] ReadAll(RootedPath root, string entry)
    {
        using var file = root.OpenRead(entry);
        var length = RandomAccess.GetLength(file);
        if (length > limits.MaxJson)
            throw new ArchiveException(archive, entry, $"it is longer than {limits.MaxJson} bytes");
        var content = new byte[length];
        return content[..new FileSource(file).ReadAt(0, content)];
    }

    private void CheckEtcChanges(byte[] json)
    {
        var type = EngineJson.Default.DictionaryStringString;
        foreach (var (file, text) in StrictJsonReader.Read(archive, ArchiveEntryNames.EtcChanges, json, type, limits))
        {
            if (text is null)
                throw new ArchiveException(
                    archive, ArchiveEntryNames.EtcChanges, $"the text of \"{EntryNameValidator.Shown(file)}\" is null");
        }
    }

    private void CheckDeleted(byte[] json)
    {
        foreach (var path in StrictJsonReader.Read(archive, ArchiveEntryNames.DeletedFiles, json, EngineJson.Default.StringArray, limits))
        {
            // JSON can have a null in the list.
            if (path is null || path.Contains('\0', StringComparison.Ordinal) || path.Trim('/') is "" or ".")
                throw new ArchiveException(
                    archive,
                    ArchiveEntryNames.DeletedFiles,
                    $"{(path is null ? "null" : $"\"{EntryNameValidator.Shown(path)}\"")} is no path that could have been deleted");
            if (path.Split('/').Contains(".."))
                throw new ArchiveException(
                    archive, ArchiveEntryNames.DeletedFiles, $"\"{EntryNameValidator.Shown(path)}\" climbs out with \"..\"");
        }
    }

    private void CheckTar(RootedPath root, string entry, CancellationToken cancellation)
    {
        try
        {
            using var file = new FileStream(root.OpenRead(entry), FileAccess.Read, bufferSize: 0);
            using var tar = new TarReader(file);
            var (names, links) = (new TarNameSequence(), new HashSet<UInt128>());
            for (long count = 1; tar.Next() is { } content; count++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (count > limits.MaxEntries)
                    throw new ArchiveException(
                        archive, entry, $"it has more than {limits.MaxEntries} entries")
                    { Remedy = "allow more with --max-entries" };
                CheckContent(tar, content);
                // Each byte a character, so that two names that are no text aren't taken for one.
                var name = Normal(Encoding.Latin1.GetString(content.Name.Span));
                budget?.CountEntry(entry, names.Take(name));
                CheckPlace(tar, content, name, names, links);
                if (content.Extents is not null)
                    budget?.CountSparse(entry, content.NameText, content.Size);
            }

            tar.RequireEnd();
        }
        catch (TarException e)
        {
            throw new ArchiveException(
                archive,
                entry,
                e.Entry is null ? e.Message : $"tar, offset {e.Offset}: entry {EntryNameValidator.Shown(e.Entry)}: {e.Why}",
                e);
        }
    }

    private void CheckContent(TarReader tar, TarEntry content)
    {
        if (content.Name.Length > limits.MaxNameLength || content.LinkName.Length > limits.MaxNameLength)
            throw tar.Corrupt($"a name of more than {limits.MaxNameLength} bytes");
        if (content.Size > limits.MaxSize)
            throw tar.Corrupt($"it has {content.Size} bytes: more than {limits.MaxSize} are refused");
        if (content.Name.Span[0] == '/')
            throw tar.Corrupt("its name is absolute");
        if (TarNameParts.HasParentPart(content.Name.Span))
            throw tar.Corrupt("its name climbs out with \"..\"");
        if (content.Type != TarEntryType.Directory && TarNameParts.IsFolderItself(content.Name.Span))
            throw tar.Corrupt("has the name of a folder, and is none");
        if (content.Type is TarEntryType.Symlink or TarEntryType.Hardlink && content.LinkName.Length == 0)
            throw tar.Corrupt("a link to nothing");
        if (content.Type == TarEntryType.Hardlink && (content.LinkName.Span[0] == '/' || TarNameParts.HasParentPart(content.LinkName.Span)))
            throw tar.Corrupt("a hard link to what is outside");
    }

    // Of folders that the entry before was in, it is known that they aren't links.
    private static void CheckPlace(TarReader tar, TarEntry content, string name, TarNameSequence names, HashSet<UInt128> links)
    {
        if (links.Count > 0 && names.NewFolders().FirstOrDefault(folder => links.Contains(Key(folder))) is { } through)
            throw tar.Corrupt($"it would be written through the link {Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(through))}");
        if (content.Type == TarEntryType.Symlink)
            links.Add(Key(name));
        else if (links.Count > 0)
            links.Remove(Key(name));
    }

    // Names of hundreds of thousands of links would take the memory.
    private static UInt128 Key(string name) =>
        BinaryPrimitives.ReadUInt128LittleEndian(Sha256.Compute(MemoryMarshal.AsBytes(name.AsSpan())));

    private static string Normal(string name) => string.Join('/', name.Split('/').Where(part => part is not ("" or ".")));
}
