using System.Globalization;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Common;
using Stasis.Linux.Files;

namespace Stasis.Engine.Images.Registry;

/// <summary>
/// A layer on a registry whose parts can be read and verified alone: zstd frames, whose digests are in a table at its end.
/// </summary>
/// <param name="Repository">Registry and path.</param>
/// <param name="Digest">The blob's.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="TablesOffset">Where the tables begin (<see cref="Formats.Compression.FrameDigests"/>).</param>
/// <param name="TablesDigest">Their digest, which the image's manifest says.</param>
/// <param name="Registry">How the registry is spoken to.</param>
internal sealed record RegistryLayer(
    string Repository, string Digest, long Length, long TablesOffset, string TablesDigest, RegistryOptions Registry)
{
    /// <summary>
    /// The annotation of the layer's descriptor that says where the tables begin, and their digest: <c>OFFSET sha256:DIGITS</c>. As the
    /// manifest's digest covers it, it covers all of the layer.
    /// </summary>
    public const string Annotation = "dev.stasis.layer.frames";

    // More would be read before anything runs.
    private const long LongestTables = 64 << 20;

    /// <summary>Reads a description that <see cref="ToFile"/> has written.</summary>
    public static RegistryLayer Read(SafeFileHandle file)
    {
        var bytes = new byte[RandomAccess.GetLength(file)];
        _ = RandomAccess.Read(file, bytes, 0);
        return JsonSerializer.Deserialize(bytes, RegistryJson.Default.RegistryLayer)!;
    }

    /// <summary>Describes it to another process. Names and passwords aren't in it: that process finds them where this one has.</summary>
    public SafeFileHandle ToFile() =>
        AnonymousFile.Create("layer", JsonSerializer.SerializeToUtf8Bytes(this, RegistryJson.Default.RegistryLayer));

    /// <summary>The annotation's value.</summary>
    public static string Describe(long offset, ReadOnlySpan<byte> tables) =>
        FormattableString.Invariant($"{offset} {Digests.Compute(tables)}");

    /// <summary>Of a manifest's layer; null if it isn't one whose parts can be read alone.</summary>
    public static RegistryLayer? TryParse(OciDescriptor layer, string repository, RegistryOptions registry) =>
        layer.Annotations?.GetValueOrDefault(Annotation)?.Split(' ') is [var number, var digest]
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            && Digests.TryHex(digest) is not null && Digests.TryHex(layer.Digest) is not null
            && offset < layer.Size && layer.Size - offset <= LongestTables
            ? new RegistryLayer(repository, layer.Digest, layer.Size, offset, digest, registry) : null;
}
