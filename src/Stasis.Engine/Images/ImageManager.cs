using Stasis.Engine.Errors;
using Stasis.Engine.Images.Layers;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Images;

/// <summary>Images and their unpacked layers.</summary>
public sealed partial class ImageManager
{
    private readonly StasisEngine _engine;

    internal ImageManager(StasisEngine engine) => _engine = engine;

    private ImageRows Store => field ??= new ImageRows(_engine.Database);

    /// <summary>All images, newest first.</summary>
    public IReadOnlyList<Image> List() =>
        [.. Store.List().OrderByDescending(image => image.Created).ThenBy(image => image.Id, StringComparer.Ordinal)];

    /// <summary>
    /// By full name; by short name (tag latest; on localhost, docker.io or any other registry, in that order); by ID,
    /// unique ID prefix, or digest of its manifest. Null if there is none.
    /// </summary>
    /// <exception cref="StasisException">Several IDs begin so.</exception>
    public Image? Find(string reference) => Resolve(reference).Image;

    /// <summary>As <see cref="Find"/>.</summary>
    /// <exception cref="NotFoundException">There is none; the remedy names pull and import.</exception>
    public Image Get(string reference) => Find(reference) ?? throw new NotFoundException($"{reference}: image not known")
    {
        Remedy = WaysToGet(reference),
    };

    private static Remedy WaysToGet(string reference)
    {
        var pull = new RemedyCall(RemedyCallKind.PullImage, reference);
        var import = new RemedyCall(RemedyCallKind.ImportImage, "rootfs.tar", reference);
        var list = new RemedyCall(RemedyCallKind.ListImages);
        return Remedy.Create($"fetch it ({pull}), or make it of a root file system ({import}); {list} lists what is there");
    }

    /// <summary>Bytes that unpacked layers take.</summary>
    internal long SizeOfLayers(IReadOnlyList<string> chainIds) => Store.SizeOf(chainIds);

    /// <summary>The image that is meant, and by which of its names, unless by ID or digest.</summary>
    private (Image? Image, string? Name) Resolve(string reference)
    {
        var id = reference.StartsWith("sha256:", StringComparison.Ordinal) ? reference["sha256:".Length..] : reference;
        if (id.Length == 64 && (Store.FindById(id) ?? Store.FindByDigest(reference)) is { } exact)
            return (exact, null);
        if (ImageName.TryParse(reference) is { } name)
        {
            var candidates = name.Candidates();
            if (name is { Domain: null, Digest: null } && Store.FindName($"{name.Path}:{name.Tag ?? "latest"}") is { } elsewhere)
                candidates = candidates.Append(elsewhere);
            foreach (var candidate in candidates)
            {
                if (Store.FindByName(candidate) is { } found)
                    return (found, candidate);
            }
            if (name.Digest is { } digest && Store.FindByDigest(digest) is { } same)
                return (same, null);
        }
        return (FindByPrefix(id), null);
    }

    private Image? FindByPrefix(string prefix)
    {
        if (prefix.Length is 0 or > 64 || !prefix.All(char.IsAsciiHexDigitLower))
            return null;
        return Store.FindByPrefix(prefix) switch
        {
            [] => null,
            [var only] => only,
            _ => throw new StasisException($"more than one image's ID begins with \"{prefix}\"") { Remedy = "give more of it, or a name" },
        };
    }

    private StagingFolder NewStaging()
    {
        _engine.RemoveAbandoned();
        return StagingFolder.Create(_engine.Layout);
    }

    /// <summary>Puts layers in place and records the image they make, in this order: whatever is recorded is whole.</summary>
    private Image Record(
        LayerInstall install,
        byte[] config,
        string? manifestDigest,
        IReadOnlyDictionary<string, string>? annotations,
        IEnumerable<string> names,
        bool retag)
    {
        Store.Insert(install.Unpacked);
        install.Commit();
        return Store.Insert(config, manifestDigest, annotations, install.ChainIds, names, retag);
    }
}
