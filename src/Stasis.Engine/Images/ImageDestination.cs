using Stasis.Engine.Errors;

namespace Stasis.Engine.Images;

/// <summary>Where an image is copied to.</summary>
/// <param name="DisplayName">What the user gave, for messages.</param>
/// <param name="Reference">What skopeo is given: transport and details.</param>
internal sealed record ImageDestination(string DisplayName, string Reference)
{
    private const string RegistryTransport = "docker://";

    /// <summary>Whether it is on a registry, which takes layers in any compression.</summary>
    public bool IsRegistry => Reference.StartsWith(RegistryTransport, StringComparison.Ordinal);

    /// <summary>Of what a user gives: a name on a registry (docker.io, if it has none), or a transport with its details.</summary>
    /// <exception cref="StasisException">It is neither, or names an image of this host alone.</exception>
    public static ImageDestination Parse(string text)
    {
        if (ImageSource.HasTransport(text))
            return new ImageDestination(text, text);
        var given = text.StartsWith(RegistryTransport, StringComparison.Ordinal) ? text[RegistryTransport.Length..] : text;
        var name = ImageName.Parse(given).Registry();
        if (name.Digest is not null)
            throw new StasisException($"cannot push to {text}: a digest says what an image is, not where to put it")
            {
                Remedy = "give a name with a tag",
            };
        if (name.Domain == "localhost")
            throw new StasisException($"cannot push to {text}: localhost means images of this host, not a registry")
            {
                Remedy = "give the registry's name before the image's, with its port: 127.0.0.1:5000/NAME, registry.example.com/NAME",
            };
        return new ImageDestination(text, RegistryTransport + name);
    }
}
