using System.Text.RegularExpressions;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Images;

/// <summary>
/// A name of an image, <c>[DOMAIN/]PATH[:TAG][@DIGEST]</c>, by the grammar of github.com/distribution/reference and
/// normalised by Podman's rules. The first component is a domain if it has a dot or a colon, or is <c>localhost</c>.
/// </summary>
internal sealed partial record ImageName
{
    // 255 for registry and path (distribution/reference: NameTotalLengthMax), 128 for a tag, 135 for a digest.
    private const int Longest = 255 + 1 + 128 + 1 + 135;

    private const string DockerHub = "docker.io";

    public string? Domain { get; private init; }
    public required string Path { get; init; }
    public string? Tag { get; private init; }
    public string? Digest { get; private init; }

    /// <exception cref="StasisException">It is none.</exception>
    public static ImageName Parse(string text) => TryParse(text)
        ?? throw new StasisException($"image name \"{text}\": invalid reference format")
        {
            Remedy = "names are [REGISTRY/]NAME[:TAG][@sha256:DIGEST], NAME in lower case",
        };

    public static ImageName? TryParse(string text)
    {
        if (text.Length > Longest)
            return null;
        var match = Grammar().Match(text);
        if (!match.Success || IdGrammar().IsMatch(text))
            return null;
        string? Group(string name) => match.Groups[name] is { Success: true } group ? group.Value : null;
        var (domain, path) = (Group("domain"), match.Groups["path"].Value);
        if (domain is not null && domain != "localhost" && domain.AsSpan().IndexOfAny(".:[") < 0)
        {
            if (!PathGrammar().IsMatch(domain))
                return null;
            (domain, path) = (null, $"{domain}/{path}");
        }
        return new ImageName { Domain = domain, Path = path, Tag = Group("tag"), Digest = Group("digest") };
    }

    /// <summary>As what is made here is named: without a domain it is localhost/….</summary>
    public ImageName Local() => Complete("localhost");

    /// <summary>As a registry has it: without a domain it is docker.io/….</summary>
    public ImageName Registry() => Complete(DockerHub);

    /// <summary>Registry and path, without tag and digest: <c>docker.io/library/busybox</c>.</summary>
    public string Repository() => (Registry() with { Tag = null, Digest = null }).ToString();

    /// <summary>The full names it may mean, best first.</summary>
    public IEnumerable<string> Candidates() => new[] { Local(), Registry() }.Select(name => name.ToString()).Distinct();

    public override string ToString() =>
        $"{(Domain is null ? "" : Domain + "/")}{Path}{(Tag is null ? "" : ":" + Tag)}{(Digest is null ? "" : "@" + Digest)}";

    // With a digest the tag means nothing: Docker and Podman drop it. Docker Hub's own images lie in library/.
    private ImageName Complete(string defaultDomain)
    {
        var domain = Domain is "index.docker.io" ? DockerHub : Domain ?? defaultDomain;
        return this with
        {
            Domain = domain,
            Path = domain == DockerHub && !Path.Contains('/') ? "library/" + Path : Path,
            Tag = Digest is null ? Tag ?? "latest" : null,
        };
    }

    private const string Component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    private const string Host = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";

    [GeneratedRegex($@"\A(?:(?<domain>(?:{Host}(?:\.{Host})*|{Component}|\[[a-fA-F0-9:]+\])(?::[0-9]+)?)/)?"
        + $@"(?<path>{Component}(?:/{Component})*)"
        + @"(?::(?<tag>[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}))?"
        + @"(?:@(?<digest>sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}))?\z")]
    private static partial Regex Grammar();

    [GeneratedRegex($@"\A{Component}\z")]
    private static partial Regex PathGrammar();

    // 64 hexadecimal digits would be taken for an ID.
    [GeneratedRegex(@"\A[a-f0-9]{64}\z")]
    private static partial Regex IdGrammar();
}
