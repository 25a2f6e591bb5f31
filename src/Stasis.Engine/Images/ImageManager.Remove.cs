using Stasis.Engine.Errors;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Images;

public sealed partial class ImageManager
{
    /// <summary>
    /// Removes a name, and the image with its unshared layers when that was the last name (or it was given by ID). With
    /// <paramref name="force"/> an image goes even if containers use it: they keep the layers that they stand on, which
    /// go with the next image that is removed after them.
    /// </summary>
    /// <exception cref="NotFoundException">There is no such image.</exception>
    /// <exception cref="InUseException">A container uses it, and not <paramref name="force"/>. Nothing was changed.</exception>
    public async Task RemoveAsync(string reference, bool force = false, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var room = RemovalReserve.Use(_engine.Layout);
        var removed = false;
        // In one transaction, so that no container that uses it can appear between the look and the removal.
        _engine.Database.Transaction(() => removed = Drop(reference, force), durable: true);
        if (removed)
            await Task.Run(() => RemoveUnusedLayers(cancellationToken), cancellationToken);
    }

    private static RemedyOption Force => new(RemedyOptionKind.Force);

    /// <summary>True if the image itself is gone, not just a name.</summary>
    private bool Drop(string reference, bool force)
    {
        var (image, name) = (Get(reference), Resolve(reference).Name);
        if (name is not null && image.Names.Any(other => other != name))
        {
            Store.RemoveName(name);
            return false;
        }
        if (!force && _engine.ContainerStore.ByImage(image.Id) is [_, ..] users)
        {
            throw new InUseException(
                $"image {reference} is in use by the container(s): {string.Join(", ", users)}: image used by container")
            {
                Remedy = Remedy.Create(
                    $"remove them first ({new RemedyCall(RemedyCallKind.RemoveContainers, users)}), or use {Force}"),
            };
        }
        Store.Remove(image.Id);
        return true;
    }

    /// <summary>
    /// Removes the layers that no image and no container needs, those that a crash left before their image was recorded
    /// too. A layer that somebody is just counting on is locked, and stays.
    /// </summary>
    private void RemoveUnusedLayers(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(_engine.Layout.Layers))
            return;
        using var staging = NewStaging();
        foreach (var folder in Directory.GetDirectories(_engine.Layout.Layers))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var chainId = Path.GetFileName(folder).Replace('-', ':');
            using var held = FileLock.TryAcquire(_engine.Layout.LayerLock(chainId));
            if (held is null)
                continue;
            _engine.Database.Transaction(() =>
            {
                var usedByContainers = _engine.ContainerStore.LayersInUse().Select(_engine.Layout.Layer);
                if (Store.LayersInUse().Contains(chainId) || usedByContainers.Contains(folder))
                    return;
                Store.RemoveLayer(chainId);
                Directory.Move(folder, staging.PathOf(Path.GetFileName(folder)));
            });
        }
    }
}
