using System.Globalization;
using System.Text;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>A path of the images that CRIU will resolve, and the mount that it lies in by the images' mounts.</summary>
internal readonly record struct ImagePathField
{
    /// <summary>The image's name in messages.</summary>
    public required string Image { get; init; }

    /// <summary>The record's place in the image, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The field that has the path.</summary>
    public required string Field { get; init; }

    /// <summary>The path's bytes. Names on Linux need not be UTF-8.</summary>
    public required byte[] Bytes { get; init; }

    /// <summary>What CRIU does with the path.</summary>
    public required PathUse Use { get; init; }

    /// <summary>The type (S_IFMT) that the file must have; 0 if the images don't say.</summary>
    public uint Mode { get; init; }

    /// <summary>
    /// The mount that the path lies in. Null if it can't be known before symbolic links are followed (<see cref="FollowsLinks"/>).
    /// </summary>
    public MountNode? Mount { get; init; }

    /// <summary>The mount namespace that CRIU resolves the path in.</summary>
    public required MountPointIndex Mounts { get; init; }

    /// <summary>
    /// Whether the path is a program's own text and may lead through symbolic links: the kernel reports the name of a socket as the
    /// program gave it to bind(2).
    /// </summary>
    public bool FollowsLinks { get; init; }

    /// <summary>The path for messages and for comparison with the spec's paths. Bytes that aren't UTF-8 become U+FFFD.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>Where the path is, for messages.</summary>
    public string Where => string.Create(CultureInfo.InvariantCulture, $"{Image}[{Index}]: {Field}");
}
