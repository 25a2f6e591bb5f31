using Stasis.Engine.Errors;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Images;

/// <summary>Where an image comes from.</summary>
/// <param name="DisplayName">What the user gave, for messages.</param>
/// <param name="Reference">What skopeo is given: transport and details.</param>
/// <param name="Names">Full names it gets.</param>
internal sealed record ImageSource(string DisplayName, string Reference, IReadOnlyList<string> Names)
{
    private static readonly string[] Transports =
        ["containers-storage", "dir", "docker-archive", "docker-daemon", "oci", "oci-archive", "ostree", "sif", "tarball"];

    /// <summary>Whether it names an image by its ID alone, which no registry can find.</summary>
    public static bool IsId(string reference) =>
        reference.StartsWith("sha256:", StringComparison.Ordinal) || (reference.Length == 64 && reference.All(char.IsAsciiHexDigitLower));

    /// <summary>Whether a text begins with a transport of skopeo's, other than a registry's.</summary>
    public static bool HasTransport(string text) => text.Split(':', 2) is [var transport, _] && Transports.Contains(transport);

    /// <summary>
    /// Of what a user gives. Names are given as <c>podman pull</c> does: by the registry, or by what the reference or
    /// the archive says.
    /// </summary>
    /// <exception cref="StasisException">It is neither a name nor a transport with details.</exception>
    public static ImageSource Parse(string reference, StagingFolder staging)
    {
        // "docker:latest" is a name, so of this transport the slashes are asked for.
        if (reference.StartsWith("docker://", StringComparison.Ordinal))
            return OfRegistry(reference, ImageName.Parse(reference["docker://".Length..]));
        if (!HasTransport(reference))
            return OfRegistry(reference, ImageName.Parse(reference));
        var (transport, details) = reference.Split(':', 2) is [var first, var rest] ? (first, rest) : (reference, "");
        return transport switch
        {
            "oci-archive" or "docker-archive" => OfArchive(reference, transport, details.Split(':', 2), staging),
            "oci" => new ImageSource(reference, reference, details.Split(':', 2) is [_, var name] ? LocalNames([name]) : []),
            "docker-daemon" => new ImageSource(reference, reference, RegistryNames(details)),
            "containers-storage" => new ImageSource(reference, reference, RegistryNames(details[(details.LastIndexOf(']') + 1)..])),
            _ => new ImageSource(reference, reference, []),
        };
    }

    /// <summary>Full names of those that are names; an archive may have rubbish in their place.</summary>
    public static IReadOnlyList<string> LocalNames(IEnumerable<string> names) =>
        [.. names.Select(ImageName.TryParse).OfType<ImageName>().Select(name => name.Local().ToString())];

    private static IReadOnlyList<string> RegistryNames(string text) =>
        ImageName.TryParse(text) is { } name ? [name.Registry().ToString()] : [];

    private static ImageSource OfRegistry(string title, ImageName name)
    {
        var full = name.Registry().ToString();
        return new ImageSource(title, $"docker://{full}", [full]);
    }

    /// <param name="details">Path, and the image within where one is given: a name, or @ and its number.</param>
    private static ImageSource OfArchive(string title, string transport, string[] details, StagingFolder staging)
    {
        var archive = ImageArchive.Open(details[0], staging);
        if (details is not [_, { Length: > 0 } wanted])
        {
            return archive.Images is [var only] ? only with { DisplayName = title }
                : throw new ArchiveException(details[0], null, $"has {archive.Images.Count} images, and which is wanted was not said")
                {
                    Remedy = Remedy.Create(
                    $"add :NAME or :@NUMBER to {title}, or load all of them: {new RemedyCall(RemedyCallKind.LoadImages, details[0])}"),
                };
        }
        var names = wanted[0] != '@' ? LocalNames([wanted])
            : int.TryParse(wanted[1..], out var index) && index < archive.Images.Count ? archive.Images[index].Names : [];
        return new ImageSource(title, $"{transport}:{archive.Path}:{wanted}", names);
    }
}
