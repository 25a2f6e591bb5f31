using System.IO.Compression;
using System.Text;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Vetting.Images;
using Stasis.Linux.Files;

namespace Stasis.Engine.RuntimeCommand.Mounts;

/// <summary>The content of file systems in memory in images: a tar with gzip for each (tmpfs-dev-N.tar.gz.img).</summary>
/// <param name="images">The folder of images, which are links to files that others have too.</param>
internal sealed class TmpfsContent(string images)
{
    /// <summary>Where a container has its shared memory.</summary>
    public const string SharedMemory = "/dev/shm";

    private const long MaxDevices = 64 << 20; // bytes: what runtimes limit /dev to

    private const uint FolderMode = 0x1ED /* 0755 */, FileMode = 0x1A4 /* 0644 */;

    private readonly HashSet<uint> _created = [];

    /// <summary>Makes the content of a new file system: nothing.</summary>
    public void Create(uint device)
    {
        _created.Add(device);
        Write(device, packed => new TarWriter(packed).Finish());
    }

    /// <summary>Whether the file system is new.</summary>
    public bool IsNew(uint device) => _created.Contains(device);

    /// <summary>Gives a file system content, if it is new.</summary>
    /// <param name="device">The file system's device.</param>
    /// <param name="tar">A tar, not compressed.</param>
    public void FillIfNew(uint device, string tar)
    {
        if (_created.Contains(device))
            Write(device, packed => CopyFile(tar, packed));
    }

    /// <summary>
    /// Adds mount points before all other content, so that what was there stays as it was: gzip's files may follow one another.
    /// </summary>
    /// <param name="device">The file system's device.</param>
    /// <param name="points">Paths beneath its root, and whether a folder is mounted there.</param>
    public void AddMountPoints(uint device, IEnumerable<(string Path, bool IsFolder)> points)
    {
        var path = PathOf(device);
        if (!File.Exists(path))
            return; // the verifier says so
        var content = File.ReadAllBytes(path);
        using var file = new MemoryStream();
        using (var packed = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
        {
            var tar = new TarWriter(packed);
            foreach (var (name, isFolder) in points)
            {
                tar.WriteEntry(
                    new TarEntry
                    {
                        Name = Encoding.UTF8.GetBytes("./" + name + (isFolder ? "/" : "")),
                        Type = isFolder ? TarEntryType.Directory : TarEntryType.File,
                        Mode = isFolder ? FolderMode : FileMode,
                    },
                    []);
            }
        }
        file.Write(content);
        AtomicFile.Write(path, file.ToArray(), durable: false);
    }

    /// <summary>Takes device nodes out of a file system that a container isn't to have.</summary>
    /// <param name="device">The file system's device.</param>
    /// <param name="allowed">The nodes that stay.</param>
    public void DropDevices(uint device, AllowedDeviceNodes allowed)
    {
        if (!File.Exists(PathOf(device)) || !ReadEntries(device).Any(IsDropped))
            return;
        var content = new MemoryStream();
        using (var packed = new GZipStream(content, CompressionLevel.Fastest, leaveOpen: true))
        {
            var writer = new TarWriter(packed);
            foreach (var entry in ReadEntries(device).Where(entry => !IsDropped(entry)))
                writer.WriteEntry(entry.Header with { Extents = null }, entry.Data);
            writer.Finish();
        }
        AtomicFile.Write(PathOf(device), content.ToArray(), durable: false);

        bool IsDropped((TarEntry Header, Stream Data) entry) => entry.Header.Type switch
        {
            TarEntryType.CharacterDevice => !allowed.Has('c', entry.Header.DeviceMajor, entry.Header.DeviceMinor),
            TarEntryType.BlockDevice => !allowed.Has('b', entry.Header.DeviceMajor, entry.Header.DeviceMinor),
            _ => false,
        };
    }

    private IEnumerable<(TarEntry Header, Stream Data)> ReadEntries(uint device)
    {
        using var packed = File.OpenRead(PathOf(device));
        using var plain = CompressionStreams.OpenRead(packed);
        using var tar = new TarReader(plain, new TarReaderOptions { RequireEndMarker = false });
        var bytes = 0L;
        while (tar.Next() is { } entry)
        {
            bytes += entry.Size;
            if (bytes > MaxDevices)
                throw new InvalidDataException($"{PathOf(device)}: more than a folder of devices holds");
            yield return (entry, tar.Data);
        }
    }

    /// <summary>Takes a file system's content away, to another file; false if there is none.</summary>
    public bool TryMove(uint device, string path)
    {
        if (!File.Exists(PathOf(device)))
            return false;
        File.Move(PathOf(device), path);
        return true;
    }

    /// <summary>Removes the content of a file system.</summary>
    public void Remove(uint device) => File.Delete(PathOf(device));

    private void Write(uint device, Action<Stream> fill)
    {
        using var file = new MemoryStream();
        using (var packed = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
        {
            fill(packed);
        }
        AtomicFile.Write(PathOf(device), file.ToArray(), durable: false);
    }

    private static void CopyFile(string path, Stream to)
    {
        using var from = File.OpenRead(path);
        from.CopyTo(to);
    }

    private string PathOf(uint device) => Path.Combine(images, FormattableString.Invariant($"tmpfs-dev-{device}.tar.gz.img"));
}
