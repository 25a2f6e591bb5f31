using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Archive;
using Stasis.Engine.Images;
using Stasis.Engine.Images.Registry;

namespace Stasis.Engine.Checkpoints.Import;

/// <summary>
/// A checkpoint image on a registry whose layer's parts can be read alone (<see cref="RegistryLayer"/>). The manifest's digest covers each
/// of them.
/// </summary>
internal sealed class LazyPagesLayer : LazyPagesSource
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly RegistryLayerSource _source;

    private LazyPagesLayer(string title, RegistryLayer layer, RegistryLayerSource source, RandomAccessArchive index)
        : base(title, index, layer.Length) => (Descriptor, _source) = (layer.ToFile(), source);

    /// <inheritdoc/>
    public override SafeFileHandle Descriptor { get; }

    /// <inheritdoc/>
    public override string PageServerVerb => "fetch";

    /// <summary>Opens one; null if it has to be pulled as a whole.</summary>
    /// <param name="source">The image, by its digest.</param>
    /// <param name="limits">How large it may be.</param>
    /// <exception cref="IOException">The registry doesn't give it.</exception>
    /// <exception cref="InvalidDataException">It isn't what its digest says.</exception>
    public static LazyPagesLayer? TryOpen(CheckpointSource.RegistryImage source, ArchiveLimits limits)
    {
        var name = source.Name;
        if (!SignaturePolicyFile.AcceptsAnything() || RegistryClient.TryCreate(name.Repository(), source.Registry) is not { } client)
            return null;
        OciManifest? manifest;
        using (client)
            manifest = JsonSerializer.Deserialize(client.ReadManifest(name.Digest!), ImagesJson.Default.OciManifest);
        if (manifest is not { Layers: [{ } only] } || manifest.Annotations?.ContainsKey(Image.CheckpointRuntime) != true
            || RegistryLayer.TryParse(only, name.Repository(), source.Registry) is not { } layer)
            return null;
        var bytes = RegistryLayerSource.Open(layer, Patience);
        try
        {
            var index = RandomAccessArchive.Open(bytes.OpenFrames(), source.DisplayName, layer.Length, limits);
            return new LazyPagesLayer(source.DisplayName, layer, bytes, index);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>Unpacks all but the pages that can come later.</summary>
    public void Unpack(ArchiveLimits limits, CheckpointEntryPaths folder, CancellationToken cancellation) =>
        ReadEagerPages(folder, UnpackWithoutPages(limits, folder, cancellation));

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _source.Dispose();
        Descriptor.Dispose();
    }
}
