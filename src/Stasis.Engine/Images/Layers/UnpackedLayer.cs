namespace Stasis.Engine.Images.Layers;

/// <summary>A layer that was unpacked.</summary>
/// <param name="Folder">Where, until it is put in place.</param>
/// <param name="ChainId">Its key.</param>
/// <param name="DiffId">Digest of its tar.</param>
/// <param name="Size">Bytes of its files.</param>
internal sealed record UnpackedLayer(string Folder, string ChainId, string DiffId, long Size);
