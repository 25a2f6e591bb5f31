namespace Stasis.Engine.Images;

/// <summary>Where an image comes from.</summary>
/// <param name="Reference">What skopeo is given: transport and details.</param>
/// <param name="Names">Full names it gets.</param>
internal sealed record ImageSource(string Reference, IReadOnlyList<string> Names)
{
    private static readonly string[] Transports = ["containers-storage", "dir", "docker-archive", "docker-daemon", "oci", "oci-archive", "ostree", "sif", "tarball"];

    /// <summary>Whether it names an image by its ID alone, which no registry can find.</summary>
    public static bool IsId(string reference) =>
        reference.StartsWith("sha256:", StringComparison.Ordinal) || (reference.Length == 64 && reference.All(char.IsAsciiHexDigitLower));

    /// <summary>Of what a user gives. Names are given as <c>podman pull</c> does: by the registry, or by what the reference or the archive says.</summary>
    /// <exception cref="StasisException">It is neither a name nor a transport with details.</exception>
    public static ImageSource Parse(string reference)
    {
        // "docker:latest" is a name, so of this transport the slashes are asked for.
        if (reference.StartsWith("docker://", StringComparison.Ordinal))
            return OfRegistry(ImageName.Parse(reference["docker://".Length..]));
        if (reference.Split(':', 2) is not [var transport, var details] || !Transports.Contains(transport))
            return OfRegistry(ImageName.Parse(reference));
        return new ImageSource(reference, transport switch
        {
            "docker-daemon" => RegistryNames(details),
            "containers-storage" => RegistryNames(details[(details.LastIndexOf(']') + 1)..]),
            "oci" => details.Split(':', 2) is [_, var name] ? LocalNames([name]) : [],
            "oci-archive" or "docker-archive" => OfArchive(details),
            _ => [],
        });
    }

    /// <summary>Full names of those that are names; an archive may have rubbish in their place.</summary>
    public static IReadOnlyList<string> LocalNames(IEnumerable<string> names) => [.. names.Select(ImageName.TryParse).OfType<ImageName>().Select(name => name.Local().ToString())];

    private static ImageSource OfRegistry(ImageName name)
    {
        var full = name.Registry().ToString();
        return new ImageSource($"docker://{full}", [full]);
    }

    private static IReadOnlyList<string> RegistryNames(string text) => ImageName.TryParse(text) is { } name ? [name.Registry().ToString()] : [];

    private static IReadOnlyList<string> OfArchive(string details)
    {
        var (path, wanted) = details.Split(':', 2) is [var before, var after] ? (before, after) : (details, null);
        if (wanted is { Length: > 0 } && wanted[0] != '@')
            return LocalNames([wanted]);
        // A path that isn't there is skopeo's to complain about.
        if (!File.Exists(path))
            return [];
        var images = ArchivedImages.Read(path);
        return int.TryParse(wanted?[1..], out var index) && index < images.Count ? images[index].Names : images is [var only] ? only.Names : [];
    }
}
