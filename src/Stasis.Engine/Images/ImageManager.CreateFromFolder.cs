using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Images.Layers;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Images;

public sealed partial class ImageManager
{
    /// <summary>The full name of an image that is to be made here.</summary>
    /// <exception cref="StasisException">It is none, or one by digest.</exception>
    internal static string NameToGive(string name)
    {
        var full = ImageName.Parse(name).Local();
        return full.Digest is null ? full.ToString() : throw new StasisException($"image name \"{name}\": a name to give has no digest");
    }

    /// <summary>
    /// Makes an image of one layer that holds what is in a folder. An image that had the name before loses it. On disk when this returns.
    /// </summary>
    /// <param name="folder">What is in it becomes the layer.</param>
    /// <param name="filter">Decides what of it; null takes all.</param>
    /// <param name="name">The image's name.</param>
    /// <param name="annotations">Of its manifest.</param>
    /// <param name="cancellationToken">A cancelled call leaves no image.</param>
    internal async Task<Image> CreateAsync(
        string folder,
        TarPackerFilter? filter,
        string name,
        IReadOnlyDictionary<string, string> annotations,
        CancellationToken cancellationToken)
    {
        using var staging = NewStaging();
        using var install = new LayerInstall(_engine.Layout, _engine.Log, staging, "layer-");
        var (read, write) = Pipe.Create();
        var packing = Task.Run(() => Pack(write), cancellationToken);
        string diffId;
        try
        {
            using var stream = new FileStream(read, FileAccess.Read);
            diffId = await install.AddUnknownAsync(stream, null, null, cancellationToken);
        }
        catch
        {
            await packing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        await packing;
        return Record(install, OneLayerConfig.OfCreated(diffId), null, annotations, [NameToGive(name)], retag: true);

        // Written the same way when the image is saved, so that its layer has the same digest then.
        void Pack(Microsoft.Win32.SafeHandles.SafeFileHandle handle)
        {
            using var stream = new FileStream(handle, FileAccess.Write);
            var tar = new TarWriter(stream);
            TarPacker.Write(tar, folder, LayerTar with { Filter = filter }, cancellationToken);
            tar.Finish();
        }
    }

    private static TarPackerOptions LayerTar => new() { Whiteouts = true, IncludeRoot = true };
}
