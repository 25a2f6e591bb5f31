using Stasis.Engine.Archive;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Logging;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Images.Layers;

/// <summary>
/// Brings the layers of one image into place. From when a layer was found there, or is being made, until this is
/// disposed it is locked, so that nobody makes it twice and nobody removes it before the image is recorded. Locks are
/// taken from the lowest layer up, the same way by all.
/// </summary>
/// <param name="prefix">Of the names of the folders it makes in <paramref name="staging"/>.</param>
internal sealed class LayerInstall(Layout layout, EngineLog log, StagingFolder staging, string prefix) : IDisposable
{
    private readonly List<FileLock> _locks = [];
    private readonly List<string> _chainIds = [];
    private readonly List<UnpackedLayer> _unpacked = [];

    /// <summary>How large a layer may be; null for any size.</summary>
    public ArchiveLimits? Limits { get; init; }

    /// <summary>All that were added, lowest first.</summary>
    public IReadOnlyList<string> ChainIds => _chainIds;

    /// <summary>Those that were not in place.</summary>
    public IReadOnlyList<UnpackedLayer> Unpacked => _unpacked;

    private string? Top => _chainIds.Count > 0 ? _chainIds[^1] : null;

    /// <summary>Adds the layer on top of those added before; its blob is unpacked unless it is in place already.</summary>
    /// <exception cref="StasisException">The blob isn't what its digests say.</exception>
    public async Task AddAsync(
        string blob, string blobDigest, string diffId, IProgress<ImageProgress>? progress, CancellationToken cancellation)
    {
        var chainId = Digests.Chain(Top, diffId);
        if (await LockAsync(chainId, cancellation))
        {
            _chainIds.Add(chainId);
            return;
        }
        var folder = MakeFolder();
        var size = await Task.Run(() =>
        {
            using var file = OpenBlob(blob, blobDigest);
            return LayerUnpack.Verified(file, blobDigest, diffId, folder, Limits, progress, cancellation);
        }, cancellation);
        Add(folder, chainId, diffId, size);
    }

    /// <summary>
    /// Adds a layer of which nothing is known before it is read, as the lowest. Gives its diff ID, which is its chain
    /// ID too.
    /// </summary>
    public async Task<string> AddUnknownAsync(Stream tar, long? length, IProgress<ImageProgress>? progress, CancellationToken cancellation)
    {
        var folder = MakeFolder();
        var (diffId, size) = await Task.Run(() => LayerUnpack.Unknown(tar, length, folder, progress, cancellation), cancellation);
        if (await LockAsync(diffId, cancellation))
            _chainIds.Add(diffId);
        else
            Add(folder, diffId, diffId, size);
        return diffId;
    }

    /// <summary>Moves what was unpacked into place, when all of it is on disk.</summary>
    public void Commit()
    {
        if (_unpacked.Count == 0)
            return;
        FileSync.SyncFileSystem(staging.Path);
        PrivateDirectory.Create(layout.Layers);
        FaultPoint.Hit("image.unpacked");
        foreach (var layer in _unpacked)
            Directory.Move(layer.Folder, layout.Layer(layer.ChainId));
        FileSync.SyncFileSystem(layout.Layers);
        FaultPoint.Hit("image.layers");
    }

    public void Dispose()
    {
        foreach (var held in _locks)
            held.Dispose();
    }

    /// <summary>Locks a layer: true and shared if it is in place, false and exclusive if it is to be made.</summary>
    private async Task<bool> LockAsync(string chainId, CancellationToken cancellation)
    {
        foreach (var shared in (bool[])[true, false])
        {
            var held = await log.Locks.AcquireAsync(layout.LayerLock(chainId), shared, cancellation);
            var exists = Directory.Exists(layout.Layer(chainId));
            if (exists || !shared)
            {
                _locks.Add(held);
                return exists;
            }
            held.Dispose();
        }
        return false;
    }

    private void Add(string folder, string chainId, string diffId, long size)
    {
        _unpacked.Add(new UnpackedLayer(folder, chainId, diffId, size));
        _chainIds.Add(chainId);
    }

    /// <summary>
    /// A folder for a layer. Unless the layer says what its root is like, it is like the one below it, as
    /// containers/storage has it.
    /// </summary>
    private string MakeFolder()
    {
        var name = $"{prefix}{_chainIds.Count}";
        var below = _unpacked.Count > 0 ? _unpacked[^1].Folder : Top is { } top ? layout.Layer(top) : null;
        using var root = RootedPath.Open(staging.Path);
        root.MakeDirectory(name);
        if (below is null)
        {
            root.SetMode(name, 0x1ED /* 0755 */);
        }
        else
        {
            var status = FileStatus.Read(below);
            root.SetOwner(name, status.Uid, status.Gid);
            root.SetMode(name, status.Permissions);
        }
        return staging.PathOf(name);
    }

    private static FileStream OpenBlob(string blob, string digest)
    {
        try
        {
            return new FileStream(blob, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (FileNotFoundException e)
        {
            throw new StasisException($"layer {digest}: its blob is missing", e);
        }
    }
}
