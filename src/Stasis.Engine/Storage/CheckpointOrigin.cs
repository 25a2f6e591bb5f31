namespace Stasis.Engine.Storage;

/// <summary>How a checkpoint came into the store.</summary>
public enum CheckpointOrigin
{
    /// <summary>
    /// Read from an archive. It stays until it is removed; but one that took two archives, or was encrypted, goes as
    /// one of an image.
    /// </summary>
    Archive,
    /// <summary>Linked from a checkpoint image. It goes with the last container that uses it, unless it has a tag.</summary>
    Image,
    /// <summary>Made of a container of this host, in place or to be cloned. It goes as one of an image.</summary>
    Container,
}
