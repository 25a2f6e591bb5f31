using Stasis.Engine.Containers;
using Stasis.Engine.Criu;

namespace Stasis.Engine.Checkpoints;

/// <summary>A new hostname for a restored container: it lies in CRIU's images, since the processes' UTS namespace is restored from them.</summary>
internal static class RestoredHostname
{
    private const int Longest = 64; // HOST_NAME_MAX

    /// <exception cref="StasisException">No hostname can be so.</exception>
    public static void Validate(string? hostname)
    {
        if (hostname is not null && (hostname.Length is 0 or > Longest || !hostname.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')))
            throw new StasisException($"invalid hostname \"{hostname}\": it must have at most {Longest} characters of [a-zA-Z0-9._-]");
    }

    /// <summary>The container with that hostname.</summary>
    public static Container Apply(Container container, string hostname) => container with { Spec = container.Spec with { Hostname = hostname } };

    /// <summary>Puts it into the images.</summary>
    public static void Write(string images, string hostname)
    {
        foreach (var path in Directory.EnumerateFiles(images, "utsns-*.img"))
        {
            if (ImageFile.ReadUts(path) is not { } names)
                continue;
            names.Nodename = hostname;
            ImageFile.WriteUts(path, names);
        }
    }
}
