using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Linux.Files;

namespace Stasis.Engine.Volumes;

public sealed partial class VolumeManager
{
    /// <summary>Writes the volume's content into a tar: owners, modes, times, links, extended attributes, holes.</summary>
    /// <param name="name">The volume.</param>
    /// <param name="target">Where the tar goes; it stays open.</param>
    /// <param name="cancellationToken">A cancelled call leaves what was written in the stream.</param>
    /// <exception cref="NotFoundException">There is none of that name.</exception>
    public void Export(string name, Stream target, CancellationToken cancellationToken = default)
    {
        var tar = new TarWriter(target);
        TarPacker.Write(tar, Get(name).Path, new TarPackerOptions { IncludeRoot = true, Sparse = true }, cancellationToken);
        tar.Finish();
    }

    /// <summary>Writes the volume's content into a tar file, which is there when it is whole.</summary>
    /// <exception cref="NotFoundException">There is none of that name.</exception>
    public void Export(string name, string file, CancellationToken cancellationToken = default)
    {
        _ = Get(name);
        using var pending = PendingFile.Create(file);
        using (var handle = new SafeFileHandle(pending.Handle.DangerousGetHandle(), ownsHandle: false))
        using (var stream = new FileStream(handle, FileAccess.Write, bufferSize: 0))
            Export(name, stream, cancellationToken);
        pending.Commit();
    }

    /// <summary>
    /// Unpacks a tar (plain, gzip or zstd) over what is in the volume. Nothing of it gets outside the volume. What was
    /// unpacked when it fails stays, as with Podman. When this returns, all is on disk.
    /// </summary>
    /// <param name="name">The volume.</param>
    /// <param name="source">The tar; it is read to its end, and stays open.</param>
    /// <param name="title">What to call it in an error: its path, or "-".</param>
    /// <param name="cancellationToken">A cancelled call leaves in the volume what was unpacked.</param>
    /// <exception cref="NotFoundException">There is none of that name.</exception>
    /// <exception cref="ArchiveException">It isn't a tar, or is damaged.</exception>
    public void Import(string name, Stream source, string title, CancellationToken cancellationToken = default)
    {
        var volume = Get(name);
        try
        {
            using var plain = CompressionStreams.OpenRead(source);
            using var tar = new TarReader(plain);
            using var root = RootedPath.Open(volume.Path);
            TarExtractor.Extract(tar, root, new TarExtractorOptions { Devices = true }, cancellationToken);
            plain.CopyTo(Stream.Null);
            FileSync.SyncTreeOrFileSystem(volume.Path);
        }
        catch (StasisException e) when (e is TarException or CompressionException)
        {
            throw new ArchiveException(title, null, e.Message, e);
        }
    }
}
