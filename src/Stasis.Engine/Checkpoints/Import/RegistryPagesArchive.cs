using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Archive;
using Stasis.Engine.Images.Registry;
using Stasis.Engine.LazyPages.Server;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>A layer on a registry. What is read of it is verified at once.</summary>
internal sealed class RegistryPagesArchive : IPagesArchive
{
    // Containers whose memory can't be supplied any more are killed.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly RegistryLayerSource _source;

    // It is within the limits of who has opened it first.
    private RegistryPagesArchive(RegistryLayer layer, RegistryLayerSource source) => (_source, Index) =
        (source, RandomAccessArchive.Open(source.OpenFrames(), layer.Repository, layer.Length, ArchiveLimits.Unlimited));

    /// <inheritdoc/>
    public RandomAccessArchive Index { get; }

    /// <inheritdoc/>
    public bool IsWanted => false;

    /// <summary>Opens one.</summary>
    /// <param name="description">A file with the layer's description, which is closed.</param>
    public static RegistryPagesArchive Open(SafeFileHandle description)
    {
        using (description)
        {
            var layer = RegistryLayer.Read(description);
            return new RegistryPagesArchive(layer, RegistryLayerSource.Open(layer, Patience));
        }
    }

    /// <inheritdoc/>
    public bool IsAwaited
    {
        set => _source.IsAwaited = value;
    }

    /// <inheritdoc/>
    public void Cancel() => _source.Cancel();

    /// <inheritdoc/>
    public Exception? Confirm() => null;

    public void Dispose()
    {
        Index.Dispose();
        _source.Dispose();
    }
}
